#pragma once

// The opcodes of sm_35 to sm_120 by their first word, sorted for binary search. Texture and surface
// accesses stand as integer work, because a trace gives them no addresses; the mbarrier operations
// of Hopper (SYNCS, UCGABAR) likewise, because the trace's own spin loops carry the waiting.

#include <algorithm>
#include <array>
#include <string_view>

#include "sim/trace/kernel_trace.h"

namespace strobe::trace {

struct NamedOpcode {
  std::string_view name;
  Op op;
  Space space = Space::none;
  bool generic = false;
  bool bulk = false;
};

inline constexpr auto kOpcodeTable = std::to_array<NamedOpcode>({
    // clang-format off
    {"ACQBULK", Op::branch}, {"AL2P", Op::integer}, {"ALD", Op::integer},
    {"ARRIVES", Op::copy_commit}, {"AST", Op::integer}, {"ATOM", Op::atomic, Space::none, true},
    {"ATOMG", Op::atomic, Space::global}, {"ATOMS", Op::atomic, Space::shared},
    {"ATOMS_OLD", Op::atomic, Space::shared}, {"B2R", Op::integer}, {"BAR", Op::barrier},
    {"BFE", Op::integer}, {"BFI", Op::integer}, {"BGMMA", Op::tensor}, {"BITEXTRACT", Op::integer},
    {"BMMA", Op::tensor}, {"BMOV", Op::branch}, {"BMSK", Op::integer}, {"BPT", Op::branch},
    {"BRA", Op::branch}, {"BREAK", Op::branch}, {"BREV", Op::conversion}, {"BRK", Op::branch},
    {"BRX", Op::branch}, {"BRXU", Op::branch}, {"BSSY", Op::branch}, {"BSSY_OLD", Op::branch},
    {"BSYNC", Op::branch}, {"CAL", Op::branch}, {"CALL", Op::branch}, {"CCTL", Op::integer},
    {"CCTLL", Op::integer}, {"CCTLT", Op::integer}, {"CGAERRBAR", Op::memory_barrier},
    {"CLMAD", Op::fp64}, {"CONT", Op::branch}, {"CREDUX", Op::integer}, {"CS2R", Op::integer},
    {"CS2UR", Op::integer}, {"CSET", Op::integer}, {"CSETP", Op::integer}, {"CSMTEST", Op::integer},
    {"DADD", Op::fp64}, {"DEPBAR", Op::copy_wait}, {"DFMA", Op::fp64}, {"DMMA", Op::tensor},
    {"DMNMX", Op::fp64}, {"DMUL", Op::fp64}, {"DSET", Op::fp64}, {"DSETP", Op::fp64},
    {"ELECT", Op::branch}, {"ENDCOLLECTIVE", Op::branch}, {"ERRBAR", Op::memory_barrier},
    {"EXIT", Op::exit}, {"F2F", Op::conversion}, {"F2F64", Op::conversion},
    {"F2FP", Op::conversion}, {"F2I", Op::conversion}, {"F2I64", Op::conversion},
    {"F2IP", Op::conversion}, {"FADD", Op::fp32}, {"FADD2", Op::fp32}, {"FADD32I", Op::fp32},
    {"FCHK", Op::conversion}, {"FCMP", Op::integer}, {"FENCE", Op::memory_barrier},
    {"FFMA", Op::fp32}, {"FFMA2", Op::fp32}, {"FFMA32I", Op::fp32}, {"FLO", Op::conversion},
    {"FMNMX", Op::integer}, {"FMNMX3", Op::integer}, {"FMUL", Op::fp32}, {"FMUL2", Op::fp32},
    {"FMUL32I", Op::fp32}, {"FOOTPRINT", Op::integer}, {"FRND", Op::conversion},
    {"FRND64", Op::conversion}, {"FSEL", Op::integer}, {"FSET", Op::integer},
    {"FSETP", Op::integer}, {"FSWZ", Op::integer}, {"FSWZADD", Op::fp32}, {"GATHER", Op::integer},
    {"GENMETADATA", Op::integer}, {"GETFPFLAGS", Op::integer}, {"GETLMEMBASE", Op::integer},
    {"HADD2", Op::fp16}, {"HADD2_32I", Op::fp16}, {"HFMA2", Op::fp16}, {"HFMA2_32I", Op::fp16},
    {"HGMMA", Op::tensor}, {"HMMA", Op::tensor}, {"HMNMX2", Op::fp16}, {"HMUL2", Op::fp16},
    {"HMUL2_32I", Op::fp16}, {"HSET2", Op::fp16}, {"HSETP2", Op::fp16}, {"I2F", Op::conversion},
    {"I2F64", Op::conversion}, {"I2FP", Op::conversion}, {"I2I", Op::conversion},
    {"I2IP", Op::conversion}, {"IABS", Op::integer}, {"IADD", Op::integer}, {"IADD3", Op::integer},
    {"IADD32I", Op::integer}, {"ICMP", Op::integer}, {"IDE", Op::integer}, {"IDP", Op::integer},
    {"IDP4A", Op::integer}, {"IGMMA", Op::tensor}, {"IMAD", Op::integer}, {"IMAD32I", Op::integer},
    {"IMADSP", Op::integer}, {"IMMA", Op::tensor}, {"IMNMX", Op::integer}, {"IMNMX3", Op::integer},
    {"IMUL", Op::integer}, {"IMUL32I", Op::integer}, {"IPA", Op::integer}, {"ISAD", Op::integer},
    {"ISBERD", Op::integer}, {"ISBEWR", Op::integer}, {"ISCADD", Op::integer},
    {"ISCADD32I", Op::integer}, {"ISET", Op::integer}, {"ISETP", Op::integer},
    {"ISUB", Op::integer}, {"JCAL", Op::branch}, {"JMP", Op::branch}, {"JMX", Op::branch},
    {"JMXU", Op::branch}, {"KIL", Op::branch}, {"KILL", Op::branch},
    {"LD", Op::load, Space::none, true}, {"LDC", Op::constant_load}, {"LDCU", Op::constant_load},
    {"LDG", Op::load, Space::global}, {"LDGDEPBAR", Op::copy_commit},
    {"LDGMC", Op::load, Space::global}, {"LDGSTS", Op::async_copy, Space::global},
    {"LDG_OLD", Op::load, Space::global}, {"LDL", Op::load, Space::local},
    {"LDS", Op::load, Space::shared}, {"LDSLK", Op::load, Space::shared},
    {"LDSM", Op::load, Space::shared}, {"LDTRAM", Op::integer},
    {"LD_OLD", Op::load, Space::none, true}, {"LEA", Op::integer}, {"LEPC", Op::integer},
    {"LOP", Op::integer}, {"LOP3", Op::integer}, {"LOP32I", Op::integer}, {"MATCH", Op::integer},
    {"MEMBAR", Op::memory_barrier}, {"MOV", Op::integer}, {"MOV32I", Op::integer},
    {"MOVM", Op::integer}, {"MUFU", Op::special}, {"NANOSLEEP", Op::branch},
    {"NANOTRAP", Op::branch}, {"NOP", Op::nop}, {"OMMA", Op::tensor}, {"OUT", Op::integer},
    {"P2R", Op::integer}, {"PBK", Op::branch}, {"PCNT", Op::branch}, {"PEXIT", Op::branch},
    {"PIXLD", Op::integer}, {"PLOP3", Op::integer}, {"PMTRIG", Op::nop}, {"POPC", Op::conversion},
    {"PREEXIT", Op::branch}, {"PRET", Op::branch}, {"PRMT", Op::integer}, {"PSET", Op::integer},
    {"PSETP", Op::integer}, {"QGMMA", Op::tensor}, {"QMMA", Op::tensor}, {"QSPC", Op::integer},
    {"R2B", Op::integer}, {"R2P", Op::integer}, {"R2UR", Op::uniform},
    {"RED", Op::reduction, Space::global}, {"REDAS", Op::reduction, Space::shared},
    {"REDG", Op::reduction, Space::global}, {"REDUX", Op::uniform}, {"RET", Op::branch},
    {"RPCMOV", Op::integer}, {"RRO", Op::fp32}, {"RTT", Op::branch}, {"S2R", Op::integer},
    {"S2UR", Op::uniform}, {"SCATTER", Op::integer}, {"SEL", Op::integer},
    {"SETCTAID", Op::integer}, {"SETFPFLAGS", Op::integer}, {"SETLMEMBASE", Op::integer},
    {"SGXT", Op::integer}, {"SHF", Op::integer}, {"SHFL", Op::integer}, {"SHL", Op::integer},
    {"SHR", Op::integer}, {"SPMETADATA", Op::integer}, {"SSY", Op::branch},
    {"ST", Op::store, Space::none, true}, {"STAS", Op::store, Space::shared},
    {"STG", Op::store, Space::global}, {"STL", Op::store, Space::local}, {"STP", Op::integer},
    {"STS", Op::store, Space::shared}, {"STSCUL", Op::store, Space::shared},
    {"STSM", Op::store, Space::shared}, {"SUATOM", Op::integer}, {"SUBFM", Op::integer},
    {"SUCCTL", Op::integer}, {"SUCLAMP", Op::integer}, {"SUEAU", Op::integer},
    {"SULD", Op::integer}, {"SULDGA", Op::integer}, {"SUQUERY", Op::integer},
    {"SURED", Op::integer}, {"SUST", Op::integer}, {"SUSTGA", Op::integer}, {"SYNC", Op::branch},
    {"SYNCS", Op::integer}, {"TEX", Op::integer}, {"TEXDEPBAR", Op::integer}, {"TEXS", Op::integer},
    {"TLD", Op::integer}, {"TLD4", Op::integer}, {"TLD4S", Op::integer}, {"TLDS", Op::integer},
    {"TMML", Op::integer}, {"TXA", Op::integer}, {"TXD", Op::integer}, {"TXQ", Op::integer},
    {"UBLKCP", Op::async_copy, Space::global, false, true},
    {"UBLKPF", Op::async_copy, Space::global, false, true},
    {"UBLKRED", Op::reduction, Space::global, false, true}, {"UBMSK", Op::uniform},
    {"UBREV", Op::uniform}, {"UCGABARARV", Op::uniform}, {"UCGABARGET", Op::uniform},
    {"UCGABARSET", Op::uniform}, {"UCGABARWAIT", Op::uniform}, {"UCGABAR_ARV", Op::uniform},
    {"UCGABAR_GET", Op::uniform}, {"UCGABAR_SET", Op::uniform}, {"UCGABAR_WAIT", Op::uniform},
    {"UCLEA", Op::uniform}, {"UCREDUX", Op::uniform}, {"UCS2UR", Op::uniform},
    {"UF2F", Op::uniform}, {"UF2FP", Op::uniform}, {"UF2I", Op::uniform}, {"UF2IP", Op::uniform},
    {"UFADD", Op::uniform}, {"UFFMA", Op::uniform}, {"UFLO", Op::uniform}, {"UFMNMX", Op::uniform},
    {"UFMUL", Op::uniform}, {"UFRND", Op::uniform}, {"UFSEL", Op::uniform}, {"UFSET", Op::uniform},
    {"UFSETP", Op::uniform}, {"UGETNEXTWORKID", Op::uniform}, {"UI2F", Op::uniform},
    {"UI2FP", Op::uniform}, {"UIABS", Op::uniform}, {"UIADD3", Op::uniform}, {"UIMAD", Op::uniform},
    {"UIMNMX", Op::uniform}, {"UISET", Op::uniform}, {"UISETP", Op::uniform},
    {"ULDC", Op::constant_load}, {"ULEA", Op::uniform}, {"ULEPC", Op::uniform},
    {"ULOP", Op::uniform}, {"ULOP3", Op::uniform}, {"ULOP32I", Op::uniform}, {"UMOV", Op::uniform},
    {"UMOV32I", Op::uniform}, {"UP2UR", Op::uniform}, {"UPLOP3", Op::uniform},
    {"UPOPC", Op::uniform}, {"UPRMT", Op::uniform}, {"UPSETP", Op::uniform}, {"UR2UP", Op::uniform},
    {"USEL", Op::uniform}, {"USETMAXREG", Op::uniform}, {"USETSHMSZ", Op::uniform},
    {"USGXT", Op::uniform}, {"USHF", Op::uniform}, {"USHL", Op::uniform}, {"USHR", Op::uniform},
    {"UTCHMMA", Op::tensor}, {"UTCIMMA", Op::tensor}, {"UTCMXQMMA", Op::tensor},
    {"UTCOMMA", Op::tensor}, {"UTCQMMA", Op::tensor}, {"UTMACCTL", Op::uniform},
    {"UTMACMDFLUSH", Op::copy_commit}, {"UTMALDG", Op::async_copy, Space::global, false, true},
    {"UTMAPF", Op::async_copy, Space::global, false, true},
    {"UTMAREDG", Op::reduction, Space::global, false, true},
    {"UTMASTG", Op::store, Space::global, false, true}, {"UVIADD", Op::uniform},
    {"UVIMNMX", Op::uniform}, {"UVIRTCOUNT", Op::uniform}, {"VABSDIFF", Op::integer},
    {"VABSDIFF4", Op::integer}, {"VADD", Op::integer}, {"VHMNMX", Op::integer},
    {"VIADD", Op::integer}, {"VIADD3", Op::integer}, {"VIADDMNMX", Op::integer},
    {"VILD", Op::integer}, {"VIMNMX", Op::integer}, {"VIMNMX3", Op::integer}, {"VMAD", Op::integer},
    {"VMNMX", Op::integer}, {"VOTE", Op::integer}, {"VOTEU", Op::integer},
    {"VOTE_VTG", Op::integer}, {"VSET", Op::integer}, {"VSETP", Op::integer}, {"VSHL", Op::integer},
    {"VSHR", Op::integer}, {"WARPGROUP", Op::branch}, {"WARPGROUPSET", Op::branch},
    {"WARPSYNC", Op::branch}, {"XMAD", Op::integer}, {"YIELD", Op::branch},
    // clang-format on
});
static_assert(std::is_sorted(kOpcodeTable.begin(), kOpcodeTable.end(),
                             [](const NamedOpcode& a, const NamedOpcode& b) {
                               return a.name < b.name;
                             }));

}  // namespace strobe::trace
