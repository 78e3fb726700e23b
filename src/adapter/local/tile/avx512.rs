//! Sixteen tokens in an instruction: AVX-512.

use std::arch::x86_64::{__m512, __m512i};

use pulp::cast;
use pulp::x86::{V3, V4};

use super::{Lanes, PANEL, Stored, Sums, Unpacked, by_rows};
use crate::adapter::local::activation::{GROUP, GroupPart};

impl Lanes for V4 {
    type Whole = __m512i;
    type Float = __m512;
    const LANES: usize = 16;
    const ROWS: usize = 8;

    #[inline(always)]
    fn few<F: Stored<BYTES>, const BYTES: usize>(self, rows: &[Unpacked], part: &GroupPart, sums: &mut [Sums; PANEL]) {
        by_rows::<Self, F, BYTES, 8, 1>(self, rows, part, sums);
    }

    #[inline(always)]
    fn all<F: Stored<BYTES>, const BYTES: usize>(self, rows: &[Unpacked], part: &GroupPart, sums: &mut [Sums; PANEL]) {
        by_rows::<Self, F, BYTES, 8, 1>(self, rows, part, sums);
    }

    #[inline(always)]
    fn basic(self) -> V3 {
        *self
    }

    #[inline(always)]
    fn zero(self) -> __m512i {
        self.avx512f._mm512_setzero_si512()
    }

    #[inline(always)]
    fn spread(self, number: i32) -> __m512i {
        self.avx512f._mm512_set1_epi32(number)
    }

    #[inline(always)]
    fn bytes(self, numbers: &[[i8; 4]; GROUP], _vector: usize) -> __m512i {
        cast(*numbers)
    }

    #[inline(always)]
    fn shorts(self, numbers: &[[i16; 2]; GROUP], _vector: usize) -> __m512i {
        cast(*numbers)
    }

    #[inline(always)]
    fn pairs_of_bytes(self, left: __m512i, right: __m512i) -> __m512i {
        self.avx512bw._mm512_maddubs_epi16(left, right)
    }

    #[inline(always)]
    fn add_short(self, left: __m512i, right: __m512i) -> __m512i {
        self.avx512bw._mm512_add_epi16(left, right)
    }

    #[inline(always)]
    fn pairs(self, left: __m512i, right: __m512i) -> __m512i {
        self.avx512bw._mm512_madd_epi16(left, right)
    }

    #[inline(always)]
    fn add(self, left: __m512i, right: __m512i) -> __m512i {
        self.avx512f._mm512_add_epi32(left, right)
    }

    #[inline(always)]
    fn less_32_times(self, from: __m512i, number: __m512i) -> __m512i {
        self.avx512f._mm512_sub_epi32(from, self.avx512f._mm512_slli_epi32::<5>(number))
    }

    #[inline(always)]
    fn floats(self, numbers: &Sums, _vector: usize) -> __m512 {
        cast(*numbers)
    }

    #[inline(always)]
    fn keep(self, numbers: __m512, to: &mut Sums, _vector: usize) {
        *to = cast(numbers);
    }

    #[inline(always)]
    fn scaled(self, by: f32, numbers: __m512) -> __m512 {
        self.avx512f._mm512_mul_ps(self.avx512f._mm512_set1_ps(by), numbers)
    }

    #[inline(always)]
    fn multiply_add(self, whole: __m512i, by: __m512, to: __m512) -> __m512 {
        self.avx512f._mm512_fmadd_ps(self.avx512f._mm512_cvtepi32_ps(whole), by, to)
    }

    #[inline(always)]
    fn multiply_subtract(self, whole: __m512i, by: __m512, from: __m512) -> __m512 {
        self.avx512f._mm512_fnmadd_ps(self.avx512f._mm512_cvtepi32_ps(whole), by, from)
    }
}
