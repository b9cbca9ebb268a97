#include "sim/model/dram/standards.h"

namespace strobe::dram {

namespace {

// What the bus takes is in the truth tables and timing diagrams of the commands.
constexpr KilobitsPerSecond k16BankMode{3'200'000};  // JESD209-5B, bank architecture
constexpr Standard kStandards[] = {
    {"HBM2", "JESD235", kHbm2, true, 2, 2, 1},
    {"HBM2E", "JESD235D", kHbm2, true, 2, 2, 1},
    {"HBM3", "JESD238", kHbm3, true, 2, 1, 1},
    {"HBM3E", "JESD238", kHbm3, true, 2, 1, 1},
    {"GDDR6", "JESD250", kGddr6, false, 1, 1, 1},
    // Micron's own; nothing public says that it differs from GDDR6 in commands.
    {"GDDR6X", "JESD250", kGddr6, false, 1, 1, 1},
    {"GDDR7", "JESD239", kGddr7, true, 2, 2, 2},
    {"LPDDR5", "JESD209-5", kLpddr5, false, 2, 2, 1, true, k16BankMode},  // ACT-1 and ACT-2
    {"LPDDR5X", "JESD209-5B", kLpddr5, false, 2, 2, 1, true, k16BankMode},
};

using enum Command;

}  // namespace

const Standard* standard_named(std::string_view name) {
  for (const Standard& standard : kStandards) {
    if (standard.name == name) return &standard;
  }
  return nullptr;
}

const std::vector<Constraint>& constraints() {
  constexpr Scope kBank = Scope::bank, kGroup = Scope::bank_group, kPc = Scope::pseudo_channel;
  static const std::vector<Constraint> all = {
      {"tRCDRD", kCore, kAll, activate, {read}, kBank, {"tRCDRD"}},
      {"tRCDWR", kCore, kAll, activate, {write}, kBank, {"tRCDWR"}},
      {"tRAS", kCore, kAll, activate, {precharge}, kBank, {"tRAS"}},
      {"tRAS", kCore, kAll, activate, {precharge_all}, kPc, {"tRAS"}},
      {"tRC", kCore, kAll, activate, {activate, refresh_bank}, kBank, {"tRC"}},
      {"tRC", kCore, kAll, activate, {refresh_all}, kPc, {"tRC"}},
      {"tRP", kCore, kAll, precharge, {activate, refresh_bank}, kBank, {"tRP"}},
      {"tRP", kCore, kAll, precharge, {refresh_all}, kPc, {"tRP"}},
      {"tRP",
       kCore,
       kHbm | kGddr,
       precharge_all,
       {activate, refresh_bank, refresh_all},
       kPc,
       {"tRP"}},
      {"tRPab",
       kCore,
       kLpddr5,
       precharge_all,
       {activate, refresh_bank, refresh_all},
       kPc,
       {"tRPab"}},
      {"tRTP", kCore, kAll, read, {precharge}, kBank, {"tRTP"}},
      {"tRTP", kCore, kAll, read, {precharge_all}, kPc, {"tRTP"}},
      {"tWR", kCore, kAll, write, {precharge}, kBank, {"CWL", "BL", "tWR"}},
      {"tWR", kCore, kAll, write, {precharge_all}, kPc, {"CWL", "BL", "tWR"}},
      {"tRRD_S", kCore, kAll, activate, {activate, refresh_bank}, kPc, {"tRRD_S"}},
      {"tRRD_L", kCore, kAll & ~kGddr7, activate, {activate}, kGroup, {"tRRD_L"}},
      {"tCCD_S", kCore, kAll, read, {read}, kPc, {"tCCD_S"}},
      {"tCCD_S", kCore, kAll, write, {write}, kPc, {"tCCD_S"}},
      {"tCCDR", kCore, kHbm3, read, {read}, Scope::other_stack, {"tCCDR"}},
      // Of GDDR7, tCCDSB and tWTRSB: a bank is a group.
      {"tCCD_L", kCore, kAll, read, {read}, kGroup, {"tCCD_L"}},
      {"tCCD_L", kCore, kAll, write, {write}, kGroup, {"tCCD_L"}},
      {"tWTR_S", kCore, kAll, write, {read}, kPc, {"CWL", "BL", "tWTR_S"}},
      {"tWTR_L", kCore, kHbm | kGddr, write, {read}, kGroup, {"CWL", "BL", "tWTR_L"}},
      // WL + BL/n_max + tWTR_L, and BL/n_max is tCCD_L.
      {"tWTR_L", kCore, kLpddr5, write, {read}, kGroup, {"CWL", "tCCD_L", "tWTR_L"}},
      {"tPPD", kCore, kAll & ~kHbm2, precharge, {precharge, precharge_all}, kPc, {"tPPD"}},
      {"tRFCab",
       kRefresh,
       kAll,
       refresh_all,
       {activate, refresh_bank, refresh_all},
       kPc,
       {"tRFCab"}},
      {"tRFCpb", kRefresh, kAll, refresh_bank, {activate, refresh_bank}, kBank, {"tRFCpb"}},
      {"tRFCpb", kRefresh, kAll, refresh_bank, {refresh_all}, kPc, {"tRFCpb"}},
      {"tRREFD", kRefresh, kHbm | kGddr, refresh_bank, {activate, refresh_bank}, kPc, {"tRREFD"}},
      {"tpbR2act", kRefresh, kLpddr5, refresh_bank, {activate}, kPc, {"tpbR2act"}},
      {"tpbR2pbR", kRefresh, kLpddr5, refresh_bank, {refresh_bank}, kPc, {"tpbR2pbR"}},
  };
  return all;
}

}  // namespace strobe::dram
