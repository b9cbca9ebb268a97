"""Ramulator 2.1's choices for the parts it shares with Strobe, at commit c5b1c3a4, in the keys of
configs/dram. Queues: 32 reads and 32 writes a channel, drained between 0.8 and 0.2; two
pseudo-channels have half each. tRC of GDDR6 is 79 clocks there, one less than tRAS + tRP, which
Strobe refuses."""

CHANNELS = {"hbm2-2000": 8, "hbm3-6400": 16, "gddr6-14000": 2, "gddr6-12500": 2,
            "gddr7-28000": 4, "lpddr5-6400": 4}
CHANNELS_CHANGED = ("lpddr5-6400",)  # Strobe's file has the channels of an M2 Max

REFRESH = {"kind": '"all_bank"', "postpone_limit": 1, "pull_in_limit": 0}

_HALVED = {"read_queue": 16, "write_queue": 16, "drain_high": 13, "drain_low": 3}
_WHOLE = {"read_queue": 32, "write_queue": 32, "drain_high": 26, "drain_low": 6}
QUEUES = {"hbm2-2000": _HALVED, "hbm3-6400": _HALVED, "gddr6-14000": _WHOLE,
          "gddr7-28000": _WHOLE, "lpddr5-6400": _WHOLE}

_NAMES = ("CL", "CWL", "tRCDRD", "tRCDWR", "tRP", "tRAS", "tRC", "tWR", "tRTP", "tRRD_S", "tRRD_L",
          "tFAW", "tWTR_S", "tWTR_L", "tRFCab", "tREFI")
_CLOCKS = {
    "hbm2-2000": (14, 5, 14, 12, 14, 34, 48, 16, 5, 4, 4, 15, 6, 8, 350, 3900),
    "hbm3-6400": (20, 10, 31, 15, 26, 45, 72, 33, 9, 4, 5, 24, 7, 10, 560, 6240),
    "gddr6-14000": (24, 6, 27, 16, 27, 53, 80, 27, 4, 8, 8, 29, 9, 11, 211, 3333),
    # One tRRD for all banks and no tFAW.
    "gddr7-28000": (24, 6, 30, 19, 30, 60, 90, 30, 4, 4, None, None, 9, 11, 315, 3327),
    "lpddr5-6400": (17, 9, 15, 15, 15, 34, 49, 28, 8, 4, 4, 16, 5, 10, 168, 3125),
}
TIMINGS = {part: {name: f"{clocks} tCK" for name, clocks in zip(_NAMES, values)
                  if clocks is not None}
           for part, values in _CLOCKS.items()}
