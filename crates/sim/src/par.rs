//! Loops over fixed pieces of work, on rayon's threads where the feature `parallel` is on.
//!
//! Results come back in the order of the pieces, so that sums over them do not depend on the number
//! of threads. Sums and reductions of rayon's own are not used: their order varies.

/// Threads that loops are spread over.
pub fn num_threads() -> usize {
    #[cfg(feature = "parallel")]
    {
        rayon::current_num_threads()
    }
    #[cfg(not(feature = "parallel"))]
    {
        1
    }
}

/// `f(0), …, f(count - 1)`, in this order.
pub(crate) fn map<R: Send>(count: usize, f: impl Fn(usize) -> R + Sync + Send) -> Vec<R> {
    #[cfg(feature = "parallel")]
    if count > 1 && num_threads() > 1 {
        use rayon::prelude::*;
        return (0..count).into_par_iter().map(f).collect();
    }
    (0..count).map(f).collect()
}

/// Calls `f` with every number below `count`, each once.
pub(crate) fn for_each(count: usize, f: impl Fn(usize) + Sync + Send) {
    #[cfg(feature = "parallel")]
    if count > 1 && num_threads() > 1 {
        use rayon::prelude::*;
        (0..count).into_par_iter().for_each(f);
        return;
    }
    (0..count).for_each(f);
}
