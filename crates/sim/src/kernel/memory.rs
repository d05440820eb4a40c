//! How amplitudes lie in memory.
//!
//! Eight amplitudes make a [`Tile`]: eight real parts, then eight imaginary ones, so that complex
//! products need no shuffles and every instruction set finds whole registers. Tiles lie in segments
//! of at most `2^20` amplitudes: on a 32-bit target no allocation may exceed `2^31 - 1` bytes, and
//! separate segments are a page further apart than a power of two, which spares the top qubits the
//! slow strides of `2^28` bytes. No slice spans two segments.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;

use num_complex::Complex;

use crate::{Real, SimError, par};

/// Bits of an index that choose the lane within a tile.
pub(crate) const LANE_BITS: usize = 3;
/// Amplitudes of a tile.
pub(crate) const LANES: usize = 1 << LANE_BITS;
/// Bits of an index that choose the place within a segment.
pub(crate) const SEGMENT_BITS: usize = 20;
/// Amplitudes of the pieces that sums are taken over: fixed, as the order of additions is.
pub(crate) const CHUNK_BITS: usize = 14;

/// Added to each segment.
const PAD_BYTES: usize = 4096;
const ALIGN: usize = 64;
const HUGE_PAGE: usize = 2 << 20;

/// Eight amplitudes.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Tile<T> {
    pub(crate) re: [T; LANES],
    pub(crate) im: [T; LANES],
}

impl<T: Real> Tile<T> {
    pub(crate) const ZERO: Self = Self { re: [T::ZERO; LANES], im: [T::ZERO; LANES] };

    /// The same value in all lanes.
    pub(crate) fn splat(z: Complex<f64>) -> Self {
        Self { re: [T::from_f64(z.re); LANES], im: [T::from_f64(z.im); LANES] }
    }

    pub(crate) fn get(&self, lane: usize) -> Complex<T> {
        Complex::new(self.re[lane], self.im[lane])
    }

    pub(crate) fn set(&mut self, lane: usize, z: Complex<T>) {
        self.re[lane] = z.re;
        self.im[lane] = z.im;
    }
}

/// Tiles in one allocation, zero at first without having been touched.
struct Segment<T> {
    /// What the allocator gave, for giving it back.
    base: NonNull<u8>,
    layout: Layout,
    /// Aligned to [`ALIGN`], within the allocation, followed by at least `len` tiles.
    tiles: NonNull<Tile<T>>,
    len: usize,
}

// SAFETY: a segment owns its memory, as a `Vec` of tiles would.
unsafe impl<T: Send> Send for Segment<T> {}
// SAFETY: likewise; shared references only read.
unsafe impl<T: Sync> Sync for Segment<T> {}

impl<T: Real> Segment<T> {
    fn zeroed(len: usize) -> Result<Self, SimError> {
        let bytes = len * size_of::<Tile<T>>();
        // Large segments start at a huge page, so that the system can back them with such.
        let align =
            if cfg!(target_os = "linux") && bytes >= 2 * HUGE_PAGE { HUGE_PAGE } else { ALIGN };
        // An alignment above the allocator's own would make it write the zeros instead of asking the
        // system for fresh pages: align by hand.
        let room = bytes + align + if bytes >= HUGE_PAGE { PAD_BYTES } else { 0 };
        let refused = SimError::OutOfMemory { needed_bytes: room as u64 };
        let layout = Layout::from_size_align(room, 16).map_err(|_| refused.clone())?;
        // SAFETY: `room` is not 0.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(refused)?;
        let offset = base.align_offset(align);
        debug_assert!(offset <= align, "a byte pointer can always be aligned");
        // SAFETY: `offset <= align`, and `room` is `align` more than the tiles take.
        let tiles = unsafe { base.add(offset) };
        advise_huge(tiles, bytes);
        Ok(Self { base, layout, tiles: tiles.cast(), len })
    }

    fn tiles(&self) -> &[Tile<T>] {
        // SAFETY: `len` tiles lie there, zeroed at first, and zero bytes are numbers.
        unsafe { std::slice::from_raw_parts(self.tiles.as_ptr(), self.len) }
    }

    fn tiles_mut(&mut self) -> &mut [Tile<T>] {
        // SAFETY: as above, and `&mut self` is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.tiles.as_ptr(), self.len) }
    }
}

impl<T> Drop for Segment<T> {
    fn drop(&mut self) {
        // SAFETY: `base` came from `alloc_zeroed` with this layout.
        unsafe { dealloc(self.base.as_ptr(), self.layout) }
    }
}

/// Asks for huge pages: with small ones a sweep takes a quarter longer.
#[cfg(target_os = "linux")]
fn advise_huge(start: NonNull<u8>, bytes: usize) {
    if bytes >= HUGE_PAGE {
        // SAFETY: the range belongs to one allocation; the advice changes nothing but speed, and a
        // refusal is of no consequence.
        unsafe {
            libc::madvise(start.as_ptr().cast(), bytes & !(HUGE_PAGE - 1), libc::MADV_HUGEPAGE)
        };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise_huge(_start: NonNull<u8>, _bytes: usize) {}

/// `2^bits` amplitudes, `bits` of the index in use.
pub(crate) struct Amplitudes<T: Real> {
    /// Each of `2^min(bits, segment_bits)` amplitudes (one tile at least).
    segments: Vec<Segment<T>>,
    bits: usize,
    segment_bits: usize,
}

impl<T: Real> Amplitudes<T> {
    /// One amplitude, 1, with room to grow to `2^room_bits` without moving. Untouched room takes no
    /// memory where the system gives pages on first use.
    pub(crate) fn one(room_bits: usize, segment_bits: usize) -> Result<Self, SimError> {
        debug_assert!(segment_bits >= LANE_BITS);
        let first = room_bits.min(segment_bits).max(LANE_BITS);
        let segments = vec![Segment::zeroed(1 << (first - LANE_BITS))?];
        let mut amps = Self { segments, bits: 0, segment_bits };
        amps.set(0, Complex::new(T::ONE, T::ZERO));
        Ok(amps)
    }

    /// Number of index bits in use.
    pub(crate) fn bits(&self) -> usize {
        self.bits
    }

    /// Uses more bits of the index. The new amplitudes are 0.
    pub(crate) fn grow(&mut self, bits: usize) -> Result<(), SimError> {
        if bits <= self.bits {
            return Ok(());
        }
        let first = 1 << (bits.min(self.segment_bits).max(LANE_BITS) - LANE_BITS);
        if self.segments[0].len < first {
            let mut larger = Segment::zeroed(first)?;
            let old = self.tiles_per_segment();
            larger.tiles_mut()[..old].copy_from_slice(&self.segments[0].tiles()[..old]);
            self.segments[0] = larger;
        }
        let count = 1_usize << bits.saturating_sub(self.segment_bits);
        let more = count - self.segments.len();
        self.segments.try_reserve_exact(more).map_err(|_| SimError::OutOfMemory {
            needed_bytes: (more * size_of::<Segment<T>>()) as u64,
        })?;
        while self.segments.len() < count {
            self.segments.push(Segment::zeroed(first)?);
        }
        self.bits = bits;
        Ok(())
    }

    /// Tiles in use in each segment.
    pub(crate) fn tiles_per_segment(&self) -> usize {
        1 << (self.bits.min(self.segment_bits).max(LANE_BITS) - LANE_BITS)
    }

    /// Start of each segment, for [`super::block`].
    pub(crate) fn pointers(&mut self) -> Vec<*mut Tile<T>> {
        self.segments.iter_mut().map(|s| s.tiles.as_ptr()).collect()
    }

    pub(crate) fn tile(&self, index: usize) -> &Tile<T> {
        let per = self.tiles_per_segment();
        &self.segments[index / per].tiles()[index % per]
    }

    pub(crate) fn get(&self, index: u64) -> Complex<T> {
        let (tile, lane) = place(index);
        self.tile(tile).get(lane)
    }

    pub(crate) fn set(&mut self, index: u64, z: Complex<T>) {
        let (tile, lane) = place(index);
        let per = self.tiles_per_segment();
        self.segments[tile / per].tiles_mut()[tile % per].set(lane, z);
    }

    /// Exchanges two tiles.
    pub(crate) fn swap_tiles(&mut self, a: u64, b: u64) {
        let (a, _) = place(a << LANE_BITS);
        let (b, _) = place(b << LANE_BITS);
        let per = self.tiles_per_segment();
        let (old_a, old_b) = (*self.tile(a), *self.tile(b));
        self.segments[a / per].tiles_mut()[a % per] = old_b;
        self.segments[b / per].tiles_mut()[b % per] = old_a;
    }

    /// Bits of a chunk: [`CHUNK_BITS`], or fewer where a segment is smaller.
    pub(crate) fn chunk_bits(&self) -> usize {
        CHUNK_BITS.min(self.segment_bits).min(self.bits.max(LANE_BITS))
    }

    /// Number of chunks; chunk `c` holds the amplitudes from `c << chunk_bits` on.
    pub(crate) fn num_chunks(&self) -> usize {
        1 << (self.bits.max(LANE_BITS) - self.chunk_bits())
    }

    pub(crate) fn chunk(&self, c: usize) -> &[Tile<T>] {
        let len = 1 << (self.chunk_bits() - LANE_BITS);
        let per = self.tiles_per_segment() / len;
        let from = c % per * len;
        &self.segments[c / per].tiles()[from..from + len]
    }

    /// `f(c, tiles)` for each chunk, in parallel.
    pub(crate) fn for_each_chunk_mut(&mut self, f: impl Fn(usize, &mut [Tile<T>]) + Sync + Send) {
        let len = 1 << (self.chunk_bits() - LANE_BITS);
        let used = self.tiles_per_segment();
        let per = used / len;
        let slices: Vec<std::sync::Mutex<Option<&mut [Tile<T>]>>> = self
            .segments
            .iter_mut()
            .flat_map(|s| s.tiles_mut()[..used].chunks_exact_mut(len))
            .map(|s| std::sync::Mutex::new(Some(s)))
            .collect();
        debug_assert!(slices.len().is_multiple_of(per));
        par::for_each(slices.len(), |c| {
            let slice = slices[c].lock().map_or(None, |mut s| s.take());
            if let Some(slice) = slice {
                f(c, slice);
            }
        });
    }

    /// A copy, or the reason why there is none.
    pub(crate) fn try_clone(&self) -> Result<Self, SimError> {
        let used = self.tiles_per_segment();
        let mut segments = crate::limits::try_vec(self.segments.len())?;
        for segment in &self.segments {
            let mut copy = Segment::zeroed(used)?;
            copy.tiles_mut().copy_from_slice(&segment.tiles()[..used]);
            segments.push(copy);
        }
        Ok(Self { segments, bits: self.bits, segment_bits: self.segment_bits })
    }

    /// Back to one amplitude, 1, keeping the memory of the first segment.
    pub(crate) fn clear(&mut self) {
        let used = self.tiles_per_segment();
        self.segments.truncate(1);
        self.segments[0].tiles_mut()[..used].fill(Tile::ZERO);
        self.bits = 0;
        self.set(0, Complex::new(T::ONE, T::ZERO));
    }
}

/// Tile and lane of an amplitude.
#[expect(clippy::cast_possible_truncation, reason = "an index that fits the memory fits usize")]
pub(crate) fn place(index: u64) -> (usize, usize) {
    ((index >> LANE_BITS) as usize, (index % LANES as u64) as usize)
}
