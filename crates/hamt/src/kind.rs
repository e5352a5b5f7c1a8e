//! The pointer kinds: how the nodes of a map are counted, and whose memory they are.
//!
//! The tree is written once, over [`PointerKind`]. The kinds that come with the crate count
//! by words of [`crate::word`], take memory from [`crate::pool`], and borrow
//! ([`crate::share`]).
#![allow(unsafe_code)]

use core::{
    alloc::Layout, cell::Cell, convert::Infallible, marker::PhantomData, ptr::NonNull,
    sync::atomic::AtomicU32,
};

#[cfg(loom)]
pub use crate::model::LoomKind;
use crate::{
    pool,
    trace::NodeForm,
    word::{Count, Word},
};

/// How the nodes and leaves of a map are counted, and whose memory they are; chosen at the
/// map's type.
///
/// [`ArcKind`] is the default; [`RcKind`] is for maps that stay on one thread. An
/// interpreter may bring its own, for example to make nodes objects of its collector.
///
/// A kind whose [`allocate`](Self::allocate) may fail is for [`RawHamt`](crate::raw::RawHamt)
/// alone. Its operations return what the memory was refused for, as an error of the caller's
/// ([`ErrorOf`]), and leave the map as it was.
///
/// # Safety
///
/// * A node that [`allocate`](Self::allocate) returned is a valid node until
///   [`free`](Self::free) is called with it: the kind neither moves nor frees it, and changes
///   nothing of it but its head.
/// * [`is_one`](Self::is_one) returns `true` only if the caller's reference is the only one,
///   and no other can come before the caller makes one or calls foreign code; nor, with
///   [`RUNS_CODE`](Self::RUNS_CODE), before the caller allocates.
/// * No function of the kind unwinds.
/// * [`down`](Self::down) returns `true` for the last reference alone, and what all others
///   did with the node is visible to the caller then. The same holds for `is_one`.
/// * If the kind is `Sync`, heads are counted atomically, and [`Word`](Self::Word) is
///   `AtomicU32`: maps are `Send` and `Sync` where the kind, the keys and the values are. Heads
///   are dropped by any thread then.
pub unsafe trait PointerKind: 'static {
    /// What each node and each leaf begins with: the reference count, and whatever else the
    /// kind needs there. It is shared, so what changes in it is in cells or atomic.
    type Head;

    /// What the state of a table is kept in: `AtomicU32`, or `Cell<u32>` for a kind that is
    /// not `Sync`.
    type Word: Word;

    /// Why there is no memory. [`Infallible`] where that ends the process.
    type Refused;

    /// Whether a changed copy of a node borrows the children that it has in common with the
    /// original. Else it counts each. A kind whose references a collector traces must not
    /// borrow; one whose allocations run code cannot: it does not compile.
    const BORROWS: bool;

    /// Whether [`allocate`](Self::allocate) may run foreign code, or foreign code may get hold
    /// of a node from elsewhere than a map (from a collector's list of objects). Then maps
    /// look at a count only where neither an allocation nor a call of an equality follows
    /// before the change. What borrows values to change them, such as
    /// [`Hamt::get_mut`](crate::Hamt::get_mut) and a vacant entry's `insert`, does not compile.
    const RUNS_CODE: bool = false;

    /// Allocates memory of this layout for a node of this form, whose head is initialized and
    /// counts one reference. The map is whole, and the new node is not part of it.
    ///
    /// # Errors
    ///
    /// Returns why there is no memory.
    ///
    /// # Safety
    ///
    /// The layout has room for the head, and its alignment.
    unsafe fn allocate(
        layout: Layout,
        form: NodeForm,
    ) -> Result<NonNull<Self::Head>, Self::Refused>;

    /// Frees a node, and drops its head. What else is in it has been dropped or moved.
    ///
    /// # Safety
    ///
    /// It is from [`allocate`](Self::allocate) with this layout, and not used any more.
    unsafe fn free(node: NonNull<Self::Head>, layout: Layout);

    /// Notes that a node is whole: no foreign code gets hold of it before.
    #[inline(always)]
    fn track(_: &Self::Head) {}

    /// Notes that what is in a node is about to be dropped or moved: no foreign code looks at
    /// it from here on.
    #[inline(always)]
    fn untrack(_: &Self::Head) {}

    /// Counts one reference more. The caller has one.
    fn up(head: &Self::Head);

    /// Takes a reference back, and returns `true` if it was the last.
    fn down(head: &Self::Head) -> bool;

    /// Returns `true` if there is only one reference, the caller's.
    fn is_one(head: &Self::Head) -> bool;

    /// Notes a read of what follows the head, for a model checker.
    #[doc(hidden)]
    #[inline(always)]
    fn note_read(_: &Self::Head) {}

    /// Notes that what follows the head changes or goes, for a model checker.
    #[doc(hidden)]
    #[inline(always)]
    fn note_write(_: &Self::Head) {}
}

/// A kind whose allocations do not fail: those of [`Hamt`](crate::Hamt) and
/// [`HamtSet`](crate::HamtSet), whose operations return no such error. Any [`PointerKind`]
/// is one whose `Refused` is [`Infallible`].
pub trait InfallibleKind: PointerKind<Refused = Infallible> {}
impl<P: PointerKind<Refused = Infallible>> InfallibleKind for P {}

/// The errors of operations on maps of a kind, which tell also why memory was refused.
///
/// Where it never is, all types are. A kind whose memory may be refused implements this for
/// the errors of its equalities.
pub trait ErrorOf<P: PointerKind> {
    /// Makes an error of what memory was refused for.
    fn refused(refused: P::Refused) -> Self;
}

impl<E, P: PointerKind<Refused = Infallible>> ErrorOf<P> for E {
    #[inline(always)]
    fn refused(refused: Infallible) -> Self {
        match refused {}
    }
}

/// Counts by atomic operations, as `std::sync::Arc` does: maps may be shared
/// and sent wherever their keys and values may.
#[derive(Debug)]
pub enum ArcKind {}

/// Counts by plain operations, as `std::rc::Rc` does: no map, leaf or iterator
/// leaves its thread, and nothing on it is atomic.
///
/// # Examples
///
/// ```
/// use hamt::{RcKind, raw::RawHamt};
///
/// let map = RawHamt::<u64, u64, RcKind>::default();
/// let snapshot = map.clone();
/// # drop(snapshot);
/// ```
///
/// ```compile_fail,E0277
/// fn send<T: Send>(_: T) {}
/// send(hamt::raw::RawHamt::<u64, u64, hamt::RcKind>::default());
/// ```
#[derive(Debug)]
pub struct RcKind {
    /// Neither `Send` nor `Sync`, and so nothing is that counts this way.
    _on_one_thread: PhantomData<*const ()>,
}

/// Implements the kind that counts by a word, as both kinds here do.
macro_rules! count_by {
    ($word:ty, $kind:ty) => {
        // SAFETY: memory is the pool's, which leaves it alone until it is freed. `Count` counts
        // as `Arc` does, with the orderings of the word; `AtomicU32` is atomic, and `RcKind`
        // is not `Sync`. Nothing else gets hold of a node.
        unsafe impl PointerKind for $kind {
            type Head = Count<$word>;
            type Word = $word;
            type Refused = Infallible;
            const BORROWS: bool = true;

            #[inline(always)]
            unsafe fn allocate(
                layout: Layout,
                _: NodeForm,
            ) -> Result<NonNull<Self::Head>, Infallible> {
                // SAFETY: not empty, by the caller; freshly allocated.
                unsafe {
                    let node = pool::allocate(layout).cast::<Self::Head>();
                    node.write(Count::one());
                    Ok(node)
                }
            }

            #[inline(always)]
            unsafe fn free(node: NonNull<Self::Head>, layout: Layout) {
                // SAFETY: by the caller. A count has no drop.
                unsafe { pool::free(node.cast(), layout) }
            }

            #[inline(always)]
            fn up(head: &Self::Head) {
                head.up();
            }

            #[inline(always)]
            fn down(head: &Self::Head) -> bool {
                head.down()
            }

            #[inline(always)]
            fn is_one(head: &Self::Head) -> bool {
                head.is_one()
            }
        }
    };
}

count_by!(AtomicU32, ArcKind);
count_by!(Cell<u32>, RcKind);
