//! Types of classical values.

use smallvec::SmallVec;
use std::fmt;

/// Width of a plain `int`, `uint` or `angle`, and of an integer literal that fits.
pub const DEFAULT_WIDTH: u32 = 64;
/// Widest `int`, `uint` and `angle`.
pub const MAX_WIDTH: u32 = 128;
/// Most dimensions of an array, as OpenQASM has it.
pub const MAX_DIMENSIONS: usize = 7;

/// A type that is not an array. Widths of integers and angles are 1 to [`MAX_WIDTH`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// A single `bit`; other than `bit[1]` it cannot be indexed.
    Bit,
    /// `bit[n]`.
    Bits(u32),
    Bool,
    Int(u32),
    Uint(u32),
    /// The stated width; computed with 64 bits whatever it is.
    Float(u32),
    Angle(u32),
    /// Width of its parts.
    Complex(u32),
    Duration,
    /// A duration that the target may choose; 0 here.
    Stretch,
}

impl Scalar {
    pub const INT: Self = Self::Int(DEFAULT_WIDTH);
    pub const UINT: Self = Self::Uint(DEFAULT_WIDTH);
    pub const FLOAT: Self = Self::Float(64);
    pub const ANGLE: Self = Self::Angle(DEFAULT_WIDTH);
    pub const COMPLEX: Self = Self::Complex(64);

    /// Number of classical bits that count keys show; 0 for all but `bit` and `bit[n]`.
    pub fn num_clbits(self) -> u32 {
        match self {
            Self::Bit => 1,
            Self::Bits(n) => n,
            _ => 0,
        }
    }
}

/// An array's type; `dims` holds 1 to [`MAX_DIMENSIONS`] sizes, outermost first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ArrayType {
    pub element: Scalar,
    pub dims: SmallVec<[u32; 4]>,
}

impl ArrayType {
    /// Number of elements; `None` past `usize`.
    pub fn len(&self) -> Option<usize> {
        self.dims.iter().try_fold(1_usize, |n, &d| n.checked_mul(d as usize))
    }

    pub fn is_empty(&self) -> bool {
        self.dims.contains(&0)
    }
}

/// Any classical type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    Scalar(Scalar),
    Array(Box<ArrayType>),
}

impl Type {
    pub fn array(element: Scalar, dims: &[u32]) -> Self {
        Self::Array(Box::new(ArrayType { element, dims: SmallVec::from_slice(dims) }))
    }

    pub fn scalar(&self) -> Option<Scalar> {
        match self {
            Self::Scalar(s) => Some(*s),
            Self::Array(_) => None,
        }
    }

    /// Number of classical bits that count keys show; 0 for all but `bit` and `bit[n]`.
    pub fn num_clbits(&self) -> u32 {
        self.scalar().map_or(0, Scalar::num_clbits)
    }
}

impl From<Scalar> for Type {
    fn from(s: Scalar) -> Self {
        Self::Scalar(s)
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bit => f.write_str("bit"),
            Self::Bits(n) => write!(f, "bit[{n}]"),
            Self::Bool => f.write_str("bool"),
            Self::Int(n) => write!(f, "int[{n}]"),
            Self::Uint(n) => write!(f, "uint[{n}]"),
            Self::Float(n) => write!(f, "float[{n}]"),
            Self::Angle(n) => write!(f, "angle[{n}]"),
            Self::Complex(n) => write!(f, "complex[float[{n}]]"),
            Self::Duration => f.write_str("duration"),
            Self::Stretch => f.write_str("stretch"),
        }
    }
}

/// As OpenQASM writes it.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(s) => s.fmt(f),
            Self::Array(a) => {
                write!(f, "array[{}", a.element)?;
                for d in &a.dims {
                    write!(f, ", {d}")?;
                }
                f.write_str("]")
            }
        }
    }
}
