// Running a test with the loops of each SIMD target that this processor has.
#pragma once
#include <hwy/targets.h>

#include <cstdint>

#include "tests/catch.h"

namespace ranvier::test {

/// f() once for each SIMD target that the file's loops are compiled for and the processor has.
template <class F>
void for_every_simd_target(const F& f) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    INFO(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
    f();
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().DeInit();
  }
}

}  // namespace ranvier::test
