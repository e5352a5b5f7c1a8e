//! Memory for leaves and tables: each thread keeps some of what it frees, to use it again.
//!
//! A changed version takes two allocations and, as it dies, gives two back, and the
//! system's allocator would be a third of what that costs. So each thread has a list of freed
//! allocations for each class of sizes, of at most `most` bytes: more of the sizes that leaves
//! have. All goes back to the allocator when the thread ends (`Ending`).
//!
//! Why what is kept belongs to its thread alone:
//!
//! 1. Its only user gave it up ([`free`]'s contract).
//! 2. The lists are the thread's own, and each function here is done with them
//!    before anything else can run on the thread.
//! 3. Whatever was asked for, it was allocated with the layout of its class, so that it
//!    serves any other of the class.
//!
//! Without threads (without the feature `std`), and where a checker is to see every
//! allocation (loom; `--cfg plain_memory`, for sanitizers), nothing is kept.
#![allow(unsafe_code)]

use alloc::alloc::{alloc, dealloc, handle_alloc_error};
use core::{alloc::Layout, ptr::NonNull};

/// Nor where the standard library destroys thread-locals that have no drop, and makes them
/// anew: on targets without native ones, which are not in this list.
#[cfg(all(
    feature = "std",
    any(target_vendor = "apple", target_os = "linux", target_os = "windows"),
    not(any(loom, plain_memory))
))]
pub(crate) use kept::{allocate, free};

#[cfg(not(all(
    feature = "std",
    any(target_vendor = "apple", target_os = "linux", target_os = "windows"),
    not(any(loom, plain_memory))
)))]
pub(crate) use self::{from_allocator as allocate, to_allocator as free};

/// Allocates by the global allocator.
///
/// # Safety
///
/// The layout must not be empty.
#[cold]
#[inline(never)]
pub(crate) unsafe fn from_allocator(layout: Layout) -> NonNull<u8> {
    // SAFETY: not empty, by the caller.
    match NonNull::new(unsafe { alloc(layout) }) {
        Some(memory) => memory,
        None => handle_alloc_error(layout),
    }
}

/// Returns memory to the global allocator.
///
/// # Safety
///
/// It must be from [`from_allocator`] with this layout, and not be used again.
#[cold]
#[inline(never)]
pub(crate) unsafe fn to_allocator(memory: NonNull<u8>, layout: Layout) {
    // SAFETY: by the caller.
    unsafe { dealloc(memory.as_ptr(), layout) }
}

/// The lists of a thread.
#[cfg(all(
    feature = "std",
    any(target_vendor = "apple", target_os = "linux", target_os = "windows"),
    not(any(loom, plain_memory))
))]
mod kept {
    use core::{alloc::Layout, cell::Cell, ptr::NonNull};

    use super::{from_allocator, to_allocator};

    /// Classes of sizes: 8 bytes, 24, 40 and so on, which is what glibc's allocations
    /// have room for, up to more than a branch's.
    const CLASSES: usize = 21;

    /// What an allocation is aligned to.
    const ALIGN: usize = 8;

    /// What an allocation of two lines of the cache or more is aligned to: a line, so that its
    /// header is in one, and it touches no more of them than its size needs. Where they
    /// lie otherwise, a chain of changes takes a fifth longer.
    const ALIGN_LARGE: usize = 64;

    /// The first size that is large.
    const LARGE: usize = 2 * ALIGN_LARGE;

    /// Returns how many bytes of a class a thread keeps. (Of a map of a million entries a
    /// change takes four branches. If it kept none, each would come from the allocator, which
    /// gives the top of the heap back each time: 50 microseconds instead of one.)
    const fn most(class: usize) -> usize {
        match class {
            0..4 => 32 << 10,
            _ => 7 << 10,
        }
    }

    /// Bytes that a thread keeps at most.
    const KEPT: usize = 256 << 10;

    const _: () = assert!(4 * most(0) + (CLASSES - 4) * most(4) <= KEPT);

    std::thread_local! {
        /// Without a drop of its own, so that it is always there. (`try_with` all the same,
        /// which is always inlined.)
        static LISTS: Lists = const { Lists::new() };
        static ENDING: Ending = const { Ending };
    }

    /// What one thread keeps.
    struct Lists {
        /// What was kept last, by class.
        first: [Cell<Option<NonNull<Kept>>>; CLASSES],
        /// Bytes that may still be kept, by class: nothing before the first is kept and after
        /// the thread's end.
        left: [Cell<usize>; CLASSES],
        /// Whether nothing has been kept yet.
        is_fresh: Cell<bool>,
    }

    /// Empties the lists when it is dropped, at the end of a thread that kept something.
    struct Ending;

    impl Drop for Ending {
        fn drop(&mut self) {
            let _always_there = LISTS.try_with(Lists::end);
        }
    }

    /// What is written in memory while it is kept.
    struct Kept {
        next: Option<NonNull<Self>>,
    }

    /// Allocates, from what the thread keeps if it can.
    ///
    /// # Safety
    ///
    /// The layout must not be empty.
    #[inline(always)]
    pub(crate) unsafe fn allocate(layout: Layout) -> NonNull<u8> {
        let (layout, kept) = match class(layout) {
            None => (layout, None),
            Some(class) => (
                layout_of(class),
                LISTS.try_with(|lists| lists.take(class)).ok().flatten(),
            ),
        };
        match kept {
            Some(memory) => memory.cast(),
            // SAFETY: by the caller; no class is of size zero.
            None => unsafe { from_allocator(layout) },
        }
    }

    /// Frees, or keeps what is freed.
    ///
    /// # Safety
    ///
    /// It must be from [`allocate`] with this layout, and not be used again.
    #[inline(always)]
    pub(crate) unsafe fn free(memory: NonNull<u8>, layout: Layout) {
        let (layout, kept) = match class(layout) {
            None => (layout, false),
            // SAFETY: the caller's, of this class, and given up.
            Some(class) => (
                layout_of(class),
                LISTS.try_with(|lists| unsafe { lists.keep(memory.cast(), class) }) == Ok(true),
            ),
        };
        if !kept {
            // SAFETY: `allocate` got it with this layout.
            unsafe { to_allocator(memory, layout) };
        }
    }

    /// The class of a layout, if it has one. Known at compile time for an entry.
    #[inline(always)]
    const fn class(layout: Layout) -> Option<usize> {
        let class = (layout.size() + 7) / 16;
        if layout.align() <= ALIGN && class < CLASSES {
            Some(class)
        } else {
            None
        }
    }

    #[inline(always)]
    const fn size_of_class(class: usize) -> usize {
        class * 16 + 8
    }

    #[inline(always)]
    const fn layout_of(class: usize) -> Layout {
        let size = size_of_class(class);
        let align = if size >= LARGE { ALIGN_LARGE } else { ALIGN };
        match Layout::from_size_align(size, align) {
            Ok(layout) => layout,
            Err(_) => panic!("a small size, and a power of two"),
        }
    }

    impl Lists {
        const fn new() -> Self {
            Self {
                first: [const { Cell::new(None) }; CLASSES],
                left: [const { Cell::new(0) }; CLASSES],
                is_fresh: Cell::new(true),
            }
        }

        #[inline(always)]
        fn take(&self, class: usize) -> Option<NonNull<Kept>> {
            let first = self.first[class].get()?;
            // SAFETY: written by `keep`, and the thread's own.
            self.first[class].set(unsafe { first.as_ref() }.next);
            let left = &self.left[class];
            left.set(left.get() + size_of_class(class));
            Some(first)
        }

        /// Keeps what is freed, if there is room for it. Returns `true` if there was.
        ///
        /// # Safety
        ///
        /// It must be of this class, and not be used again.
        #[inline(always)]
        unsafe fn keep(&self, memory: NonNull<Kept>, class: usize) -> bool {
            let left = &self.left[class];
            if left.get() < size_of_class(class) && !self.open() {
                return false;
            }
            let next = self.first[class].get();
            // SAFETY: by the caller; every class has room for a pointer.
            unsafe { memory.write(Kept { next }) };
            self.first[class].set(Some(memory));
            left.set(left.get() - size_of_class(class));
            true
        }

        /// Makes room for what is kept first. Returns `true` if there was none yet.
        #[cold]
        #[inline(never)]
        fn open(&self) -> bool {
            // Where `ENDING` is gone, what is kept now would stay for ever.
            let opens = self.is_fresh.replace(false) && ENDING.try_with(|_| ()).is_ok();
            if opens {
                for (class, left) in self.left.iter().enumerate() {
                    left.set(most(class));
                }
            }
            opens
        }

        /// Returns everything to the allocator, and keeps nothing from now on.
        fn end(&self) {
            self.is_fresh.set(false);
            for class in 0..CLASSES {
                while let Some(memory) = self.take(class) {
                    // SAFETY: got with this layout (`allocate`), and taken out.
                    unsafe { to_allocator(memory.cast(), layout_of(class)) };
                }
                self.left[class].set(0);
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn memory(class: usize) -> NonNull<Kept> {
            // SAFETY: no class is of size zero.
            unsafe { from_allocator(layout_of(class)) }.cast()
        }

        /// Has an allocation of a class kept, or drops it.
        fn keep(lists: &Lists, memory: NonNull<Kept>, class: usize) -> bool {
            // SAFETY: of `memory`, and used no more; the layout is the class's.
            unsafe {
                let is_kept = lists.keep(memory, class);
                if !is_kept {
                    to_allocator(memory.cast(), layout_of(class));
                }
                is_kept
            }
        }

        #[test]
        fn a_class_has_room_for_what_is_asked_and_little_more() {
            let layout = |size, align| Layout::from_size_align(size, align).expect("a small size");
            for size in 1..=size_of_class(CLASSES - 1) {
                let class = class(layout(size, ALIGN)).expect("of a class");
                assert!((size..size + 16).contains(&size_of_class(class)), "{size}");
            }
            assert_eq!(class(layout(size_of_class(CLASSES - 1) + 1, ALIGN)), None);
            assert_eq!(class(layout(32, 2 * ALIGN)), None);
        }

        #[test]
        fn what_was_kept_last_is_taken_first_and_nothing_is_of_another_class() {
            let lists = Lists::new();
            let allocations = [1, 1, 2].map(|class| (class, memory(class)));
            for (class, memory) in allocations {
                assert!(keep(&lists, memory, class));
            }
            let [first, second, other] = allocations.map(|(_, memory)| memory);
            assert_eq!(lists.take(1), Some(second));
            assert_eq!(lists.take(2), Some(other));
            assert_eq!(lists.take(2), None);
            assert_eq!(lists.take(1), Some(first));
            assert_eq!(lists.left[1].get(), most(1));
            for (class, memory) in allocations {
                keep(&lists, memory, class);
            }
            lists.end();
        }

        #[test]
        fn no_more_is_kept_than_there_is_room_for() {
            let lists = Lists::new();
            let mut kept = 0;
            for class in 0..CLASSES {
                while keep(&lists, memory(class), class) {
                    kept += size_of_class(class);
                }
            }
            assert!(
                (KEPT / 5 * 4..=KEPT).contains(&kept),
                "{kept} of all classes"
            );
            lists.end();
            for class in 0..CLASSES {
                assert_eq!(lists.take(class), None);
                assert!(!keep(&lists, memory(class), class));
            }
        }
    }
}
