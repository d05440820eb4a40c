//! AVX2 and AVX-512. Eight `f32` fill an AVX2 register: AVX-512 has nothing wider for them.

#[allow(clippy::wildcard_imports, reason = "the names say where they come from")]
use std::arch::x86_64::*;

simd! {
    /// Four `f64`.
    F64x4: f64 as __m256d, 4;
    load: |p| _mm256_loadu_pd(p); store: |p, v| _mm256_storeu_pd(p, v); splat: |x| _mm256_set1_pd(x);
    mul: |a, b| _mm256_mul_pd(a, b);
    mul_add: |a, b, c| _mm256_add_pd(c, _mm256_mul_pd(a, b));
    mul_sub: |a, b, c| _mm256_sub_pd(c, _mm256_mul_pd(a, b));
    flip: |v| { 1 => _mm256_permute_pd::<0b0101>(v), 2 => _mm256_permute4x64_pd::<0b01_00_11_10>(v) }
}

simd! {
    /// Eight `f32`.
    F32x8: f32 as __m256, 8;
    load: |p| _mm256_loadu_ps(p); store: |p, v| _mm256_storeu_ps(p, v); splat: |x| _mm256_set1_ps(x);
    mul: |a, b| _mm256_mul_ps(a, b);
    mul_add: |a, b, c| _mm256_add_ps(c, _mm256_mul_ps(a, b));
    mul_sub: |a, b, c| _mm256_sub_ps(c, _mm256_mul_ps(a, b));
    flip: |v| { 1 => _mm256_permute_ps::<0b10_11_00_01>(v), 2 => _mm256_permute_ps::<0b01_00_11_10>(v), 4 => _mm256_permute2f128_ps::<1>(v, v) }
}

simd! {
    /// Eight `f64`.
    F64x8: f64 as __m512d, 8;
    load: |p| _mm512_loadu_pd(p); store: |p, v| _mm512_storeu_pd(p, v); splat: |x| _mm512_set1_pd(x);
    mul: |a, b| _mm512_mul_pd(a, b);
    mul_add: |a, b, c| _mm512_add_pd(c, _mm512_mul_pd(a, b));
    mul_sub: |a, b, c| _mm512_sub_pd(c, _mm512_mul_pd(a, b));
    flip: |v| { 1 => _mm512_permute_pd::<0b0101_0101>(v), 2 => _mm512_permutex_pd::<0b01_00_11_10>(v), 4 => _mm512_shuffle_f64x2::<0b01_00_11_10>(v, v) }
}

simd! {
    /// Four `f64`, fused.
    F64x4Fused: f64 as __m256d, 4;
    load: |p| _mm256_loadu_pd(p); store: |p, v| _mm256_storeu_pd(p, v); splat: |x| _mm256_set1_pd(x);
    mul: |a, b| _mm256_mul_pd(a, b);
    mul_add: |a, b, c| _mm256_fmadd_pd(a, b, c);
    mul_sub: |a, b, c| _mm256_fnmadd_pd(a, b, c);
    flip: |v| { 1 => _mm256_permute_pd::<0b0101>(v), 2 => _mm256_permute4x64_pd::<0b01_00_11_10>(v) }
}

simd! {
    /// Eight `f32`, fused.
    F32x8Fused: f32 as __m256, 8;
    load: |p| _mm256_loadu_ps(p); store: |p, v| _mm256_storeu_ps(p, v); splat: |x| _mm256_set1_ps(x);
    mul: |a, b| _mm256_mul_ps(a, b);
    mul_add: |a, b, c| _mm256_fmadd_ps(a, b, c);
    mul_sub: |a, b, c| _mm256_fnmadd_ps(a, b, c);
    flip: |v| { 1 => _mm256_permute_ps::<0b10_11_00_01>(v), 2 => _mm256_permute_ps::<0b01_00_11_10>(v), 4 => _mm256_permute2f128_ps::<1>(v, v) }
}

simd! {
    /// Eight `f64`, fused.
    F64x8Fused: f64 as __m512d, 8;
    load: |p| _mm512_loadu_pd(p); store: |p, v| _mm512_storeu_pd(p, v); splat: |x| _mm512_set1_pd(x);
    mul: |a, b| _mm512_mul_pd(a, b);
    mul_add: |a, b, c| _mm512_fmadd_pd(a, b, c);
    mul_sub: |a, b, c| _mm512_fnmadd_pd(a, b, c);
    flip: |v| { 1 => _mm512_permute_pd::<0b0101_0101>(v), 2 => _mm512_permutex_pd::<0b01_00_11_10>(v), 4 => _mm512_shuffle_f64x2::<0b01_00_11_10>(v, v) }
}
