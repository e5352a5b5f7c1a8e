//! Memory for leaves and tables: each thread caches freed memory for its next allocations.
//!
//! A changed version takes an allocation for its leaf and one for each table on the path, and frees them
//! when it is dropped. The system's allocator would be a third of the cost. So each thread has a list of freed allocations for
//! each class of sizes. All are returned to the allocator when they reach `TOTAL` bytes, so that the
//! sizes in use are cached and no others, and when the thread ends (`Ending`).
//!
//! Why only the thread uses its cached memory:
//!
//! 1. Its only user freed it ([`free`]'s contract).
//! 2. The lists are thread-local, and no other code runs on the thread while a function
//!    here uses them.
//! 3. It was allocated with the layout of its class, whatever size was requested. So it
//!    serves any layout of the class.
//!
//! Nothing is cached without threads (without the feature `std`), and where a checker must
//! see every allocation (loom; `--cfg plain_memory`, for sanitizers).
#![allow(unsafe_code)]

use alloc::alloc::{alloc, dealloc, handle_alloc_error};
use core::{alloc::Layout, ptr::NonNull};

/// Nothing is cached either on targets without native thread-locals, which are not in this list: there the
/// standard library destroys thread-locals that have no drop, and creates them again.
#[cfg(all(
    feature = "std",
    any(target_vendor = "apple", target_os = "linux", target_os = "windows"),
    not(any(loom, plain_memory))
))]
pub(crate) use cached::{allocate, free};

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
mod cached {
    use core::{alloc::Layout, cell::Cell, ptr::NonNull};

    use super::{from_allocator, to_allocator};

    /// The number of classes of sizes: 8 bytes, 24, 40 and so on, the sizes that glibc's
    /// allocations have room for. The largest is larger than a branch.
    const CLASSES: usize = 21;

    /// The alignment of an allocation.
    const ALIGN: usize = 8;

    /// The alignment of an allocation of two cache lines or more: a cache line. So its header is
    /// in one cache line, and it uses no more of them than its size needs. With another
    /// alignment, a chain of changes takes a fifth longer.
    const ALIGN_LARGE: usize = 64;

    /// The first size that is large.
    const LARGE: usize = 2 * ALIGN_LARGE;

    /// The maximal number of bytes that a thread caches.
    const TOTAL: usize = 256 << 10;

    /// The bytes by which the share of a class grows.
    const STEP: usize = 4 << 10;

    std::thread_local! {
        /// Has no drop, so that it can always be accessed. (By `try_with` all the same, which
        /// is always inlined.)
        static LISTS: Lists = const { Lists::new() };
        static ENDING: Ending = const { Ending };
    }

    /// The cache of one thread.
    struct Lists {
        /// The first of each list, by class.
        first: [Cell<Option<NonNull<Node>>>; CLASSES],
        /// The bytes that may still be cached, by class. (One number for all classes would make each
        /// operation wait for the one before: a small map is changed a quarter slower.)
        left: [Cell<usize>; CLASSES],
        /// The bytes that no class has been given: 0 before the first memory is cached and after the
        /// thread's end.
        spare: Cell<usize>,
    }

    /// Empties the lists when it is dropped, at the end of a thread that has used them.
    struct Ending;

    impl Drop for Ending {
        fn drop(&mut self) {
            let _always_there = LISTS.try_with(Lists::end);
        }
    }

    /// The start of cached memory.
    struct Node {
        next: Option<NonNull<Self>>,
    }

    /// Allocates, from the thread's cache if it can.
    ///
    /// # Safety
    ///
    /// The layout must not be empty.
    #[inline(always)]
    pub(crate) unsafe fn allocate(layout: Layout) -> NonNull<u8> {
        let (layout, cached) = match class(layout) {
            None => (layout, None),
            Some(class) => (
                layout_of(class),
                LISTS.try_with(|lists| lists.pop(class)).ok().flatten(),
            ),
        };
        match cached {
            Some(memory) => memory.cast(),
            // SAFETY: by the caller; no class is of size zero.
            None => unsafe { from_allocator(layout) },
        }
    }

    /// Frees memory, or caches it.
    ///
    /// # Safety
    ///
    /// It must be from [`allocate`] with this layout, and not be used again.
    #[inline(always)]
    pub(crate) unsafe fn free(memory: NonNull<u8>, layout: Layout) {
        // SAFETY: by the caller: of this class, and not used again. `allocate` got it with the layout
        // of the class, if there is one.
        unsafe {
            let Some(class) = class(layout) else {
                return to_allocator(memory, layout);
            };
            if LISTS.try_with(|lists| lists.push(memory.cast(), class)) != Ok(true) {
                to_allocator(memory, layout_of(class));
            }
        }
    }

    /// Returns the class of a layout, if it has one. Known at compile time for a leaf.
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
            Err(_) => panic!("the size is small and the alignment a power of two"),
        }
    }

    impl Lists {
        const fn new() -> Self {
            Self {
                first: [const { Cell::new(None) }; CLASSES],
                left: [const { Cell::new(0) }; CLASSES],
                spare: Cell::new(0),
            }
        }

        #[inline(always)]
        fn pop(&self, class: usize) -> Option<NonNull<Node>> {
            let first = self.first[class].get()?;
            // SAFETY: written by `push`, and used by this thread only.
            self.first[class].set(unsafe { first.as_ref() }.next);
            let left = &self.left[class];
            left.set(left.get() + size_of_class(class));
            Some(first)
        }

        /// Caches memory. Returns `false` if the thread caches none, since it is ending.
        ///
        /// # Safety
        ///
        /// It must be of this class, and not be used again.
        #[inline(always)]
        unsafe fn push(&self, memory: NonNull<Node>, class: usize) -> bool {
            let left = &self.left[class];
            if left.get() < size_of_class(class) && !self.make_room(class) {
                return false;
            }
            let next = self.first[class].get();
            // SAFETY: by the caller; every class has room for a pointer.
            unsafe { memory.write(Node { next }) };
            self.first[class].set(Some(memory));
            left.set(left.get() - size_of_class(class));
            true
        }

        /// Makes room for memory of a class, also before the first is cached. Returns `false` if the
        /// thread is ending: memory that is cached when `ENDING` is gone would be leaked.
        ///
        /// If all room is used, returns what is cached to the allocator. So the sizes that the thread
        /// uses now are cached, whatever it used before.
        #[cold]
        #[inline(never)]
        fn make_room(&self, class: usize) -> bool {
            if self.spare.get() < STEP {
                let is_ending = ENDING.try_with(|_| ()).is_err();
                self.empty();
                self.spare.set(if is_ending { 0 } else { TOTAL });
            }
            let room = self.spare.get().min(STEP);
            self.spare.set(self.spare.get() - room);
            self.left[class].set(self.left[class].get() + room);
            room > 0
        }

        /// Returns all memory to the allocator, and gives no class any room.
        fn empty(&self) {
            for class in 0..CLASSES {
                while let Some(memory) = self.pop(class) {
                    // SAFETY: allocated with this layout, and removed from its list.
                    unsafe { to_allocator(memory.cast(), layout_of(class)) };
                }
                self.left[class].set(0);
            }
        }

        /// Returns all memory to the allocator. Caches nothing from now on: `ENDING`, whose drop calls
        /// this, cannot be accessed any more.
        fn end(&self) {
            self.empty();
            self.spare.set(0);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// Caches memory of a class, new if there is none, and returns it. Frees it if it cannot.
        fn push(
            lists: &Lists,
            class: usize,
            memory: Option<NonNull<Node>>,
        ) -> Option<NonNull<Node>> {
            // SAFETY: of the class, whose size is not zero, and not used any more.
            unsafe {
                let memory = memory.unwrap_or_else(|| from_allocator(layout_of(class)).cast());
                if lists.push(memory, class) {
                    return Some(memory);
                }
                to_allocator(memory.cast(), layout_of(class));
                None
            }
        }

        #[test]
        fn a_class_has_room_for_its_sizes_and_at_most_15_bytes_more() {
            let layout = |size, align| Layout::from_size_align(size, align).expect("a small size");
            for size in 1..=size_of_class(CLASSES - 1) {
                let class = class(layout(size, ALIGN)).expect("of a class");
                assert!((size..size + 16).contains(&size_of_class(class)), "{size}");
            }
            assert_eq!(class(layout(size_of_class(CLASSES - 1) + 1, ALIGN)), None);
            assert_eq!(class(layout(32, 2 * ALIGN)), None);
        }

        #[test]
        fn each_class_is_last_in_first_out() {
            let lists = Lists::new();
            let [first, second, other] = [1, 1, 2].map(|class| push(&lists, class, None));
            assert!(first.is_some() && second.is_some() && other.is_some());
            assert_eq!(lists.pop(1), second);
            assert_eq!(lists.pop(2), other);
            assert_eq!(lists.pop(2), None);
            assert_eq!(lists.pop(1), first);
            assert_eq!(
                (lists.left[1].get(), lists.spare.get()),
                (STEP, TOTAL - 2 * STEP)
            );
            for (class, memory) in [(1, first), (1, second), (2, other)] {
                push(&lists, class, memory);
            }
            lists.end();
        }

        #[test]
        fn the_cache_is_bounded_and_keeps_the_sizes_used_last() {
            let lists = Lists::new();
            let left = || lists.left.iter().map(Cell::get).sum::<usize>() + lists.spare.get();
            let cached = || TOTAL - left();
            let mut before = None;
            for class in [0, 3, CLASSES - 1] {
                for _ in 0..TOTAL {
                    assert!(push(&lists, class, None).is_some());
                    assert!(cached() <= TOTAL);
                }
                assert!(cached() > 0);
                if let Some(before) = before.replace(class) {
                    assert_eq!(lists.pop(before), None, "freed to make room");
                }
            }
            lists.end();
            for class in 0..CLASSES {
                assert_eq!(lists.pop(class), None);
            }
        }
    }
}
