//! Blocks that each thread keeps, in a list for each class of sizes.
//!
//! Never more than [`KEPT`] bytes of a class: a bound of its own for each, so that what
//! goes of one kind leaves room for what the next change takes of another. All go back to
//! the allocator when the thread ends ([`Ending`]). Why a kept block is nobody's but its thread's:
//!
//! 1. Its only owner gave it up ([`free`]'s contract).
//! 2. The lists are the thread's own, and each function here is done with them
//!    before anything else can run on the thread.
//! 3. Whatever was asked for, a block was allocated with the layout of its
//!    class, so that whoever asks for one of the class may have it.
#![allow(unsafe_code)]

use core::{alloc::Layout, cell::Cell, ptr::NonNull};

use super::{from_allocator, to_allocator};

/// Bytes that a thread keeps at most of one class. Of a map of a million entries a change
/// takes four branches, and without a kept one each would come from the allocator, which
/// gives the top of the heap back at each step: fifty microseconds instead of one.
const KEPT: isize = 64 << 10;

/// Classes of sizes: 8 bytes, 24, 40 and so on, which is what glibc's blocks
/// have room for, up to more than a branch's.
const CLASSES: usize = 21;

/// What a block is aligned to.
const ALIGN: usize = 8;

/// What a block of two lines of the cache or more is aligned to: a line, so that its
/// header is in one, and it touches no more of them than its size needs. Where they
/// lie otherwise, a chain of changes takes a fifth longer.
const ALIGN_LARGE: usize = 64;

/// The first size that is large.
const LARGE: usize = 2 * ALIGN_LARGE;

std::thread_local! {
    /// Without a drop of its own, so that it is always there and nobody need ask. (By
    /// `try_with` all the same, which is always compiled in line.)
    static LISTS: Lists = const { Lists::new() };
    static ENDING: Ending = const { Ending };
}

/// The blocks that one thread keeps.
struct Lists {
    /// The block last kept, by class.
    first: [Cell<Option<NonNull<Kept>>>; CLASSES],
    /// Bytes that may still be kept, by class.
    left: [Cell<isize>; CLASSES],
    stage: Cell<Stage>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing has been kept: there is no room yet.
    Fresh,
    Keeping,
    /// The thread is ending, or has ended: there is no room any more.
    Ended,
}

/// Empties the lists when it is dropped, at the end of a thread that kept a block.
struct Ending;

impl Drop for Ending {
    fn drop(&mut self) {
        let _always_there = LISTS.try_with(Lists::end);
    }
}

/// What is written in a block while it is kept.
struct Kept {
    next: Option<NonNull<Self>>,
}

/// Returns a block of this layout.
///
/// # Safety
///
/// The layout must not be empty.
#[inline(always)]
pub unsafe fn allocate(layout: Layout) -> NonNull<u8> {
    let Some(class) = class(layout) else {
        // SAFETY: by the caller.
        return unsafe { from_allocator(layout) };
    };
    match LISTS.try_with(|lists| lists.take(class)) {
        Ok(Some(block)) => block.cast(),
        // SAFETY: no class is of size zero.
        _ => unsafe { from_allocator(layout_of(class)) },
    }
}

/// Takes a block back.
///
/// # Safety
///
/// It must be from [`allocate`] with this layout, and not be used again.
#[inline(always)]
pub unsafe fn free(block: NonNull<u8>, layout: Layout) {
    let (layout, kept) = match class(layout) {
        None => (layout, false),
        // SAFETY: the caller's, of this class, and given up.
        Some(class) => (
            layout_of(class),
            LISTS.try_with(|lists| unsafe { lists.keep(block.cast(), class) }) == Ok(true),
        ),
    };
    if !kept {
        // SAFETY: `allocate` got it with this layout.
        unsafe { to_allocator(block, layout) };
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
const fn is_large(class: usize) -> bool {
    size_of_class(class) >= LARGE
}

#[inline(always)]
const fn layout_of(class: usize) -> Layout {
    let size = size_of_class(class);
    let align = if is_large(class) { ALIGN_LARGE } else { ALIGN };
    // SAFETY: a small size, and a power of two.
    unsafe { Layout::from_size_align_unchecked(size, align) }
}

impl Lists {
    const fn new() -> Self {
        Self {
            first: [const { Cell::new(None) }; CLASSES],
            left: [const { Cell::new(0) }; CLASSES],
            stage: Cell::new(Stage::Fresh),
        }
    }

    #[inline(always)]
    fn take(&self, class: usize) -> Option<NonNull<Kept>> {
        let first = self.first[class].get()?;
        // SAFETY: kept blocks are written by `keep`, and nobody else's.
        self.first[class].set(unsafe { first.as_ref() }.next);
        let left = &self.left[class];
        left.set(left.get() + size_of_class(class) as isize);
        Some(first)
    }

    /// Keeps a block, if there is room for it, and tells whether.
    ///
    /// # Safety
    ///
    /// It must be of this class, and nobody else's.
    #[inline(always)]
    unsafe fn keep(&self, block: NonNull<Kept>, class: usize) -> bool {
        let left = &self.left[class];
        if left.get() < size_of_class(class) as isize && !self.opens() {
            return false;
        }
        let next = self.first[class].get();
        // SAFETY: by the caller; every class has room for a pointer.
        unsafe { block.write(Kept { next }) };
        self.first[class].set(Some(block));
        left.set(left.get() - size_of_class(class) as isize);
        true
    }

    /// Whether there is room after all, since this is the first block of all.
    #[cold]
    #[inline(never)]
    fn opens(&self) -> bool {
        if self.stage.get() != Stage::Fresh {
            return false;
        }
        // Where that is gone, what is kept now would stay for ever.
        self.open(ENDING.try_with(|_| ()).is_ok());
        self.stage.get() == Stage::Keeping
    }

    fn open(&self, is_for_keeping: bool) {
        if is_for_keeping {
            self.stage.set(Stage::Keeping);
            for left in &self.left {
                left.set(KEPT);
            }
        } else {
            self.stage.set(Stage::Ended);
        }
    }

    /// Gives all blocks back, and keeps none from now on.
    fn end(&self) {
        self.stage.set(Stage::Ended);
        for class in 0..CLASSES {
            while let Some(block) = self.take(class) {
                // SAFETY: got with this layout (`allocate`), and taken out.
                unsafe { to_allocator(block.cast(), layout_of(class)) };
            }
        }
        for left in &self.left {
            left.set(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists() -> Lists {
        let lists = Lists::new();
        lists.open(true);
        lists
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, ALIGN).expect("a small size")
    }

    #[test]
    fn a_class_has_room_for_what_is_asked_and_little_more() {
        for size in 1..=size_of_class(CLASSES - 1) {
            let class = class(layout(size)).expect("of a class");
            assert!((size..size + 16).contains(&size_of_class(class)), "{size}");
        }
        assert_eq!(class(layout(size_of_class(CLASSES - 1) + 1)), None);
        let aligned = Layout::from_size_align(32, 2 * ALIGN).expect("a small size");
        assert_eq!(class(aligned), None);
    }

    #[test]
    fn the_block_last_kept_is_the_first_taken_and_none_is_of_another_class() {
        let lists = lists();
        // SAFETY: no class is of size zero.
        let block = |class| unsafe { from_allocator(layout_of(class)) };
        let blocks = [1, 1, 2].map(|class| (class, block(class).cast()));
        for (class, block) in blocks {
            // SAFETY: nobody else's, and of this class.
            assert!(unsafe { lists.keep(block, class) });
        }
        let [first, second, other] = blocks.map(|(_, block)| block);
        assert_eq!(lists.take(1), Some(second));
        assert_eq!(lists.take(2), Some(other));
        assert_eq!(lists.take(2), None);
        assert_eq!(lists.take(1), Some(first));
        assert_eq!(lists.left[1].get(), KEPT);
        for (class, block) in blocks {
            // SAFETY: allocated with this layout.
            unsafe { to_allocator(block.cast(), layout_of(class)) };
        }
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let lists = lists();
        let class = CLASSES - 1;
        let mut kept = 0;
        loop {
            // SAFETY: no class is of size zero.
            let block = unsafe { from_allocator(layout_of(class)) };
            // SAFETY: nobody else's, and of this class.
            if !unsafe { lists.keep(block.cast(), class) } {
                // SAFETY: allocated with this layout.
                unsafe { to_allocator(block, layout_of(class)) };
                break;
            }
            kept += 1;
        }
        assert_eq!(kept, KEPT as usize / size_of_class(class));

        // Others have room of their own.
        for other in [1, class - 1] {
            // SAFETY: no class is of size zero.
            let block = unsafe { from_allocator(layout_of(other)) };
            // SAFETY: nobody else's, and of this class.
            assert!(unsafe { lists.keep(block.cast(), other) });
        }
        lists.end();
        assert_eq!(lists.take(class), None);
        // SAFETY: no class is of size zero.
        let block = unsafe { from_allocator(layout_of(class)) };
        // SAFETY: nobody else's, and of this class; taken back since it is not kept.
        unsafe {
            assert!(!lists.keep(block.cast(), class));
            to_allocator(block, layout_of(class));
        }
    }
}
