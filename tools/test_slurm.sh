#!/bin/bash
# A sweep of a hundred runs as a job array of eight on a real Slurm that lives for this test, with
# one task killed in the middle and requeued: the merged file is, byte for byte, what one process
# writes, and so is that of the same shards in a plain loop.
#   tools/test_slurm.sh STROBE
# Slurm is installed when it is missing; nothing outside a temporary folder is touched otherwise.
set -euo pipefail
strobe=$(readlink -f "${1:?STROBE}")
cd "$(dirname "$0")/.."
tools/bootstrap.sh --slurm
PATH=$PATH:/usr/sbin

folder=$(mktemp -d)
export SLURM_CONF=$folder/slurm.conf STROBE=$strobe
finish() {
  local status=$?
  [ "$status" = 0 ] || tail -n 20 "$folder"/*.log "$folder"/task-*.txt 2>/dev/null || true
  for name in slurmd slurmctld munged; do
    [ -s "$folder/$name.pid" ] && kill "$(cat "$folder/$name.pid")" 2>/dev/null || true
  done
  for name in slurmd slurmctld munged; do
    for _ in $(seq 100); do
      # The file goes with the process.
      kill -0 "$(cat "$folder/$name.pid" 2>/dev/null)" 2>/dev/null || break
      sleep 0.1
    done
  done
  rm -rf "$folder"
  exit "$status"
}
trap finish EXIT

# One machine that claims three processors, so that tasks wait for each other as on a busy cluster.
start_cluster() {
  local port=${SLURM_TEST_PORT:-27817} host user
  host=$(hostname -s) user=$(id -un)
  chmod 711 "$folder"
  mkdir -p "$folder/state" "$folder/spool" "$folder/munge"
  chmod 711 "$folder/munge"
  head -c 128 /dev/urandom >"$folder/munge.key"
  chmod 400 "$folder/munge.key"
  munged --force --socket="$folder/munge/socket" --key-file="$folder/munge.key" \
    --pid-file="$folder/munged.pid" --seed-file="$folder/munge.seed" \
    --log-file="$folder/munged.log"
  # cred_expire: a requeued job waits until the credential of its former life is void, by default
  # two minutes.
  cat >"$SLURM_CONF" <<CONF
ClusterName=strobe
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=2
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
NodeName=n0 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=3 State=UNKNOWN
PartitionName=main Nodes=n0 Default=YES MaxTime=INFINITE State=UP
CONF
  slurmctld -c
  slurmd -N n0
  for _ in $(seq 100); do
    [ "$(sinfo -h -t idle -o %N 2>/dev/null)" = n0 ] && return
    sleep 0.1
  done
  echo "the cluster did not start" >&2
  return 1
}

cat >"$folder/sweep.toml" <<'SWEEP'
target = "hbm2-2000"
[[work]]
pattern = "random"
requests = 20000
[[axis]]
name = "load"
key = "work.load"
range = ["20 GB/s", "200 GB/s"]
step = "20 GB/s"
[[axis]]
name = "depth"
key = "controller.read_queue"
range = [16, 160]
step = 16
SWEEP

count_parts() { find "$folder/out.h5.shards/$1.h5.parts" -name '*.h5' 2>/dev/null | wc -l; }
state_of() { squeue -h -t all -j "$1" -o %T; }

start_cluster
job=$(sbatch --parsable --array=1-8 --output="$folder/task-%a.txt" tools/slurm/sweep.sbatch \
  "$folder/sweep.toml" "$folder/out.h5")

# The first task dies in the middle of its share, without a word.
victim=1
until [ "$(count_parts $victim)" -ge 2 ]; do sleep 0.02; done
process=$(cut -d' ' -f1 "$folder/out.h5.shards/$victim.h5.parts/lock")
kill -9 "$process"
kept=$(count_parts $victim)
[ ! -e "$folder/out.h5.shards/$victim.h5" ] || { echo "task $victim was done already" >&2; exit 1; }
until [ "$(state_of "${job}_$victim")" = FAILED ]; do sleep 0.1; done
if "$strobe" merge "$folder"/out.h5.shards/*.h5 -o "$folder/early.h5" 2>/dev/null; then
  echo "a sweep without its shard $victim was merged" >&2
  exit 1
fi
scontrol requeue "${job}_$victim"

while [ -n "$(squeue -h -t PD,R,CG -j "$job")" ]; do sleep 0.1; done
grep -q " $kept of them done already" "$folder/task-$victim.txt"
"$strobe" merge "$folder"/out.h5.shards/*.h5 -o "$folder/out.h5"

"$strobe" sweep "$folder/sweep.toml" -o "$folder/one.h5" -j 2 -q
cmp "$folder/out.h5" "$folder/one.h5"
for i in 1 2 3 4 5 6 7 8; do
  "$strobe" sweep "$folder/sweep.toml" -o "$folder/loop-$i.h5" --shard "$i/8" -q
done
"$strobe" merge "$folder"/loop-?.h5 -o "$folder/loop.h5" -q
cmp "$folder/loop.h5" "$folder/one.h5"
echo "100 runs as an array of 8, task $victim killed after $kept runs and requeued: the same bytes"
