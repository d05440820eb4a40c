//! `simd128`, and `relaxed-simd` where the module is built with it.

#[allow(clippy::wildcard_imports, reason = "the names say where they come from")]
use std::arch::wasm32::*;

simd! {
    /// Two `f64`.
    F64x2: f64 as v128, 2;
    load: |p| v128_load(p.cast()); store: |p, v| v128_store(p.cast(), v); splat: |x| f64x2_splat(x);
    mul: |a, b| f64x2_mul(a, b);
    mul_add: |a, b, c| f64x2_add(c, f64x2_mul(a, b));
    mul_sub: |a, b, c| f64x2_sub(c, f64x2_mul(a, b));
    flip: |v| { 1 => i64x2_shuffle::<1, 0>(v, v) }
}

simd! {
    /// Four `f32`.
    F32x4: f32 as v128, 4;
    load: |p| v128_load(p.cast()); store: |p, v| v128_store(p.cast(), v); splat: |x| f32x4_splat(x);
    mul: |a, b| f32x4_mul(a, b);
    mul_add: |a, b, c| f32x4_add(c, f32x4_mul(a, b));
    mul_sub: |a, b, c| f32x4_sub(c, f32x4_mul(a, b));
    flip: |v| { 1 => i32x4_shuffle::<1, 0, 3, 2>(v, v), 2 => i32x4_shuffle::<2, 3, 0, 1>(v, v) }
}

#[cfg(target_feature = "relaxed-simd")]
simd! {
    /// Two `f64`; the engine may fuse.
    F64x2Relaxed: f64 as v128, 2;
    load: |p| v128_load(p.cast()); store: |p, v| v128_store(p.cast(), v); splat: |x| f64x2_splat(x);
    mul: |a, b| f64x2_mul(a, b);
    mul_add: |a, b, c| f64x2_relaxed_madd(a, b, c);
    mul_sub: |a, b, c| f64x2_relaxed_nmadd(a, b, c);
    flip: |v| { 1 => i64x2_shuffle::<1, 0>(v, v) }
}

#[cfg(target_feature = "relaxed-simd")]
simd! {
    /// Four `f32`; the engine may fuse.
    F32x4Relaxed: f32 as v128, 4;
    load: |p| v128_load(p.cast()); store: |p, v| v128_store(p.cast(), v); splat: |x| f32x4_splat(x);
    mul: |a, b| f32x4_mul(a, b);
    mul_add: |a, b, c| f32x4_relaxed_madd(a, b, c);
    mul_sub: |a, b, c| f32x4_relaxed_nmadd(a, b, c);
    flip: |v| { 1 => i32x4_shuffle::<1, 0, 3, 2>(v, v), 2 => i32x4_shuffle::<2, 3, 0, 1>(v, v) }
}
