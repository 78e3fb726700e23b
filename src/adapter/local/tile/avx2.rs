//! Eight tokens in an instruction: AVX2 and FMA.

use std::arch::x86_64::{__m256, __m256i};

use pulp::cast;
use pulp::x86::V3;

use super::{Lanes, PANEL, Stored, Sums, Unpacked, by_rows};
use crate::adapter::local::activation::{GROUP, GroupPart};

impl Lanes for V3 {
    type Whole = __m256i;
    type Float = __m256;
    const LANES: usize = 8;
    const ROWS: usize = 4;

    #[inline(always)]
    fn few<F: Stored<BYTES>, const BYTES: usize>(self, rows: &[Unpacked], part: &GroupPart, sums: &mut [Sums; PANEL]) {
        by_rows::<Self, F, BYTES, 4, 1>(self, rows, part, sums);
    }

    #[inline(always)]
    fn all<F: Stored<BYTES>, const BYTES: usize>(self, rows: &[Unpacked], part: &GroupPart, sums: &mut [Sums; PANEL]) {
        if F::CROWDED {
            by_rows::<Self, F, BYTES, 2, 2>(self, rows, part, sums);
        } else {
            by_rows::<Self, F, BYTES, 4, 2>(self, rows, part, sums);
        }
    }

    #[inline(always)]
    fn basic(self) -> V3 {
        self
    }

    #[inline(always)]
    fn zero(self) -> __m256i {
        self.avx._mm256_setzero_si256()
    }

    #[inline(always)]
    fn spread(self, number: i32) -> __m256i {
        self.avx._mm256_set1_epi32(number)
    }

    #[inline(always)]
    fn bytes(self, numbers: &[[i8; 4]; GROUP], vector: usize) -> __m256i {
        cast(numbers.as_chunks::<8>().0[vector])
    }

    #[inline(always)]
    fn shorts(self, numbers: &[[i16; 2]; GROUP], vector: usize) -> __m256i {
        cast(numbers.as_chunks::<8>().0[vector])
    }

    #[inline(always)]
    fn pairs_of_bytes(self, left: __m256i, right: __m256i) -> __m256i {
        self.avx2._mm256_maddubs_epi16(left, right)
    }

    #[inline(always)]
    fn add_short(self, left: __m256i, right: __m256i) -> __m256i {
        self.avx2._mm256_add_epi16(left, right)
    }

    #[inline(always)]
    fn pairs(self, left: __m256i, right: __m256i) -> __m256i {
        self.avx2._mm256_madd_epi16(left, right)
    }

    #[inline(always)]
    fn add(self, left: __m256i, right: __m256i) -> __m256i {
        self.avx2._mm256_add_epi32(left, right)
    }

    #[inline(always)]
    fn less_32_times(self, from: __m256i, number: __m256i) -> __m256i {
        self.avx2._mm256_sub_epi32(from, self.avx2._mm256_slli_epi32::<5>(number))
    }

    #[inline(always)]
    fn floats(self, numbers: &Sums, vector: usize) -> __m256 {
        cast(numbers.as_chunks::<8>().0[vector])
    }

    #[inline(always)]
    fn keep(self, numbers: __m256, to: &mut Sums, vector: usize) {
        to.as_chunks_mut::<8>().0[vector] = cast(numbers);
    }

    #[inline(always)]
    fn scaled(self, by: f32, numbers: __m256) -> __m256 {
        self.avx._mm256_mul_ps(self.avx._mm256_set1_ps(by), numbers)
    }

    #[inline(always)]
    fn multiply_add(self, whole: __m256i, by: __m256, to: __m256) -> __m256 {
        self.fma._mm256_fmadd_ps(self.avx._mm256_cvtepi32_ps(whole), by, to)
    }

    #[inline(always)]
    fn multiply_subtract(self, whole: __m256i, by: __m256, from: __m256) -> __m256 {
        self.fma._mm256_fnmadd_ps(self.avx._mm256_cvtepi32_ps(whole), by, from)
    }
}
