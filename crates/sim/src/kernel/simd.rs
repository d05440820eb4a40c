//! One vector register of any instruction set behind one trait.
//!
//! A kernel is written once over [`Simd`] and compiled for each [`Level`]; [`Dispatch::dispatch`]
//! enters it with the level's instructions enabled. A half tile (eight numbers) is one or several
//! registers.

use super::LANES;

/// Implements [`Simd`] by intrinsics.
#[cfg(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    all(target_arch = "wasm32", target_feature = "simd128")
))]
macro_rules! simd {
    (
        $(#[$doc:meta])* $name:ident: $t:ty as $v:ty, $width:literal;
        load: |$from:ident| $load:expr; store: |$to:ident, $x:ident| $store:expr; splat: |$s:ident| $splat:expr;
        mul: |$ma:ident, $mb:ident| $mul:expr;
        mul_add: |$fa:ident, $fb:ident, $fc:ident| $mul_add:expr;
        mul_sub: |$ga:ident, $gb:ident, $gc:ident| $mul_sub:expr;
        flip: |$f:ident| { $($bit:literal => $flip:expr),* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name;

        // SAFETY: register operations. The trait's callers see to it that the instructions exist and
        // that pointers are good for `WIDTH` numbers.
        #[allow(unused_unsafe, reason = "some intrinsics are safe where their instructions are always there")]
        #[allow(clippy::undocumented_unsafe_blocks, reason = "one note for all, above")]
        unsafe impl super::Simd<$t> for $name {
            type V = $v;
            const WIDTH: usize = $width;

            #[inline(always)]
            unsafe fn load($from: *const $t) -> $v {
                unsafe { $load }
            }

            #[inline(always)]
            unsafe fn store($to: *mut $t, $x: $v) {
                unsafe { $store }
            }

            #[inline(always)]
            unsafe fn splat($s: $t) -> $v {
                unsafe { $splat }
            }

            #[inline(always)]
            unsafe fn mul($ma: $v, $mb: $v) -> $v {
                unsafe { $mul }
            }

            #[inline(always)]
            unsafe fn mul_add($fa: $v, $fb: $v, $fc: $v) -> $v {
                unsafe { $mul_add }
            }

            #[inline(always)]
            unsafe fn mul_sub($ga: $v, $gb: $v, $gc: $v) -> $v {
                unsafe { $mul_sub }
            }

            #[inline(always)]
            unsafe fn flip<const X: usize>($f: $v) -> $v {
                match X {
                    $($bit => unsafe { $flip },)*
                    _ => $f,
                }
            }
        }
    };
}

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

/// An instruction set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// One number at a time, for machines without vectors. Not compiled for those that have them in any case.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx2Fused,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx512Fused,
    #[cfg(target_arch = "aarch64")]
    Neon,
    #[cfg(target_arch = "aarch64")]
    NeonFused,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
    #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
    Relaxed,
}

impl Level {
    /// The widest that this machine has; fused ones only where `fast`.
    pub fn best(fast: bool) -> Self {
        Self::ALL
            .iter()
            .rev()
            .copied()
            .find(|l| l.is_available() && (fast || !l.fused()))
            .unwrap_or(Self::ALL[0])
    }

    /// All that this machine has, slowest first.
    pub fn available() -> Vec<Self> {
        Self::ALL.iter().copied().filter(|l| l.is_available()).collect()
    }

    /// Slowest first.
    const ALL: &[Self] = &[
        #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
        Self::Scalar,
        #[cfg(target_arch = "x86_64")]
        Self::Avx2,
        #[cfg(target_arch = "x86_64")]
        Self::Avx2Fused,
        #[cfg(target_arch = "x86_64")]
        Self::Avx512,
        #[cfg(target_arch = "x86_64")]
        Self::Avx512Fused,
        #[cfg(target_arch = "aarch64")]
        Self::Neon,
        #[cfg(target_arch = "aarch64")]
        Self::NeonFused,
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Self::Simd128,
        #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
        Self::Relaxed,
    ];

    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(
            clippy::unused_self,
            reason = "a question that only this architecture asks at run time"
        )
    )]
    fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            let avx2 = has!("avx2") && (self == Self::Avx2 || has!("fma"));
            match self {
                Self::Scalar => true,
                Self::Avx2 | Self::Avx2Fused => avx2,
                Self::Avx512 | Self::Avx512Fused => {
                    avx2 && has!("avx512f") && has!("avx512vl") && has!("avx512dq")
                }
            }
        }
        // Elsewhere a level is compiled in only where the target has it.
        #[cfg(not(target_arch = "x86_64"))]
        {
            true
        }
    }

    /// Whether `a·b + c` is rounded once: not the same bits as the other levels.
    pub fn fused(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2Fused | Self::Avx512Fused => true,
            #[cfg(target_arch = "aarch64")]
            Self::NeonFused => true,
            #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
            Self::Relaxed => true,
            _ => false,
        }
    }
}

/// Registers of [`Simd::WIDTH`] numbers of type `T`; `WIDTH` divides [`LANES`].
///
/// # Safety
/// The functions may only run where the level's instructions exist: inside [`Dispatch::dispatch`].
pub(crate) unsafe trait Simd<T: Copy>: Copy {
    type V: Copy;
    const WIDTH: usize;

    /// # Safety
    /// `from` points at `WIDTH` numbers.
    unsafe fn load(from: *const T) -> Self::V;
    /// # Safety
    /// `to` has room for `WIDTH` numbers.
    unsafe fn store(to: *mut T, v: Self::V);
    unsafe fn splat(x: T) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    /// `c + a·b`.
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `c - a·b`.
    unsafe fn mul_sub(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// Lane `l` of the result is lane `l ^ X`; `X < WIDTH`.
    unsafe fn flip<const X: usize>(v: Self::V) -> Self::V;
}

/// A loop over amplitudes, written for any instruction set.
pub(crate) trait Kernel<T: Copy> {
    /// # Safety
    /// As for [`Simd`]; kernels add their own conditions where they are made.
    unsafe fn run<S: Simd<T>>(self);
}

/// Enters kernels at a level. Implemented for the real types; sealed with them.
pub trait Dispatch: Copy {
    #[doc(hidden)]
    #[expect(private_bounds, reason = "callable inside this package only")]
    fn dispatch<K: Kernel<Self>>(level: Level, kernel: K);
}

/// Plain numbers, one at a time: for machines without vectors, and to compare the others with.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[derive(Clone, Copy)]
pub(crate) struct Scalar;

// SAFETY: plain arithmetic.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
unsafe impl<T: crate::Real> Simd<T> for Scalar {
    type V = T;
    const WIDTH: usize = 1;

    #[inline(always)]
    unsafe fn load(from: *const T) -> T {
        // SAFETY: the caller's promise.
        unsafe { *from }
    }

    #[inline(always)]
    unsafe fn store(to: *mut T, v: T) {
        // SAFETY: the caller's promise.
        unsafe { *to = v }
    }

    #[inline(always)]
    unsafe fn splat(x: T) -> T {
        x
    }

    #[inline(always)]
    unsafe fn mul(a: T, b: T) -> T {
        a * b
    }

    #[inline(always)]
    unsafe fn mul_add(a: T, b: T, c: T) -> T {
        c + a * b
    }

    #[inline(always)]
    unsafe fn mul_sub(a: T, b: T, c: T) -> T {
        c - a * b
    }

    #[inline(always)]
    unsafe fn flip<const X: usize>(v: T) -> T {
        v
    }
}

macro_rules! dispatch {
    ($t:ty, x86: $avx2:ident, $avx2f:ident, $avx512:ident, $avx512f:ident; neon: $neon:ident, $neonf:ident; wasm: $wasm:ident, $relaxed:ident) => {
        impl Dispatch for $t {
            #[expect(private_bounds, reason = "callable inside this package only")]
            #[inline]
            fn dispatch<K: Kernel<Self>>(level: Level, kernel: K) {
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2")]
                unsafe fn avx2<K: Kernel<$t>>(kernel: K) {
                    // SAFETY: compiled for the level that runs here.
                    unsafe { kernel.run::<x86::$avx2>() }
                }
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2,fma")]
                unsafe fn avx2_fused<K: Kernel<$t>>(kernel: K) {
                    // SAFETY: as above.
                    unsafe { kernel.run::<x86::$avx2f>() }
                }
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx2,fma")]
                unsafe fn avx512<K: Kernel<$t>>(kernel: K) {
                    // SAFETY: as above.
                    unsafe { kernel.run::<x86::$avx512>() }
                }
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx2,fma")]
                unsafe fn avx512_fused<K: Kernel<$t>>(kernel: K) {
                    // SAFETY: as above.
                    unsafe { kernel.run::<x86::$avx512f>() }
                }
                // SAFETY: a `Level` is only made where the machine has it.
                unsafe {
                    match level {
                        #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
                        Level::Scalar => kernel.run::<Scalar>(),
                        #[cfg(target_arch = "x86_64")]
                        Level::Avx2 => avx2(kernel),
                        #[cfg(target_arch = "x86_64")]
                        Level::Avx2Fused => avx2_fused(kernel),
                        #[cfg(target_arch = "x86_64")]
                        Level::Avx512 => avx512(kernel),
                        #[cfg(target_arch = "x86_64")]
                        Level::Avx512Fused => avx512_fused(kernel),
                        #[cfg(target_arch = "aarch64")]
                        Level::Neon => kernel.run::<neon::$neon>(),
                        #[cfg(target_arch = "aarch64")]
                        Level::NeonFused => kernel.run::<neon::$neonf>(),
                        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
                        Level::Simd128 => kernel.run::<wasm::$wasm>(),
                        #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
                        Level::Relaxed => kernel.run::<wasm::$relaxed>(),
                    }
                }
            }
        }
    };
}

dispatch!(f64, x86: F64x4, F64x4Fused, F64x8, F64x8Fused; neon: F64x2, F64x2Fused; wasm: F64x2, F64x2Relaxed);
dispatch!(f32, x86: F32x8, F32x8Fused, F32x8, F32x8Fused; neon: F32x4, F32x4Fused; wasm: F32x4, F32x4Relaxed);

/// A half tile: eight numbers in `8 / WIDTH` registers.
pub(crate) const fn registers(width: usize) -> usize {
    LANES / width
}

/// Ordinary code that [`vectorized`] runs. A closure is some, but one that is long stays a function of its
/// own, compiled for the least of machines: there is no way to have it inlined.
pub trait Work {
    type Output;

    /// To be `#[inline(always)]`, with all that is to profit.
    fn run(self) -> Self::Output;
}

impl<R, F: FnOnce() -> R> Work for F {
    type Output = R;

    #[inline(always)]
    fn run(self) -> R {
        self()
    }
}

/// Ordinary code, compiled for the level as well, so that the compiler's own vectors are as wide.
struct Plain<W>(W);

impl<W: Work> Kernel<f64> for (Plain<W>, &mut Option<W::Output>) {
    #[inline(always)]
    unsafe fn run<S: Simd<f64>>(self) {
        *self.1 = Some(self.0.0.run());
    }
}

/// Runs `work` with the best unfused instructions enabled. The result does not depend on them: the
/// compiler neither contracts nor reorders sums.
///
/// What is to profit must be inlined into `work`.
#[inline]
pub fn vectorized<W: Work>(work: W) -> W::Output {
    let mut out = None;
    f64::dispatch(Level::best(false), (Plain(work), &mut out));
    out.expect("kernels run at once")
}
