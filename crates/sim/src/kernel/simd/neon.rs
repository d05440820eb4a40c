//! NEON, which every 64-bit ARM has.

#[allow(clippy::wildcard_imports, reason = "the names say where they come from")]
use std::arch::aarch64::*;

simd! {
    /// Two `f64`.
    F64x2: f64 as float64x2_t, 2;
    load: |p| vld1q_f64(p); store: |p, v| vst1q_f64(p, v); splat: |x| vdupq_n_f64(x);
    mul: |a, b| vmulq_f64(a, b);
    mul_add: |a, b, c| vaddq_f64(c, vmulq_f64(a, b));
    mul_sub: |a, b, c| vsubq_f64(c, vmulq_f64(a, b));
    flip: |v| { 1 => vextq_f64::<1>(v, v) }
}

simd! {
    /// Four `f32`.
    F32x4: f32 as float32x4_t, 4;
    load: |p| vld1q_f32(p); store: |p, v| vst1q_f32(p, v); splat: |x| vdupq_n_f32(x);
    mul: |a, b| vmulq_f32(a, b);
    mul_add: |a, b, c| vaddq_f32(c, vmulq_f32(a, b));
    mul_sub: |a, b, c| vsubq_f32(c, vmulq_f32(a, b));
    flip: |v| { 1 => vrev64q_f32(v), 2 => vextq_f32::<2>(v, v) }
}

simd! {
    /// Two `f64`, fused.
    F64x2Fused: f64 as float64x2_t, 2;
    load: |p| vld1q_f64(p); store: |p, v| vst1q_f64(p, v); splat: |x| vdupq_n_f64(x);
    mul: |a, b| vmulq_f64(a, b);
    mul_add: |a, b, c| vfmaq_f64(c, a, b);
    mul_sub: |a, b, c| vfmsq_f64(c, a, b);
    flip: |v| { 1 => vextq_f64::<1>(v, v) }
}

simd! {
    /// Four `f32`, fused.
    F32x4Fused: f32 as float32x4_t, 4;
    load: |p| vld1q_f32(p); store: |p, v| vst1q_f32(p, v); splat: |x| vdupq_n_f32(x);
    mul: |a, b| vmulq_f32(a, b);
    mul_add: |a, b, c| vfmaq_f32(c, a, b);
    mul_sub: |a, b, c| vfmsq_f32(c, a, b);
    flip: |v| { 1 => vrev64q_f32(v), 2 => vextq_f32::<2>(v, v) }
}
