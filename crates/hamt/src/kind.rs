//! The pointer kinds: how the nodes of a map are counted and allocated.
//!
//! The tree is generic over [`PointerKind`]. The kinds of this crate count by words of
//! [`crate::word`], take memory from [`crate::pool`], and borrow ([`crate::share`]).
#![allow(unsafe_code)]

use core::{
    alloc::Layout, cell::Cell, convert::Infallible, marker::PhantomData, ptr::NonNull,
    sync::atomic::AtomicU32,
};

use crate::{
    pool,
    trace::NodeForm,
    word::{Count, Word},
};

/// How the nodes and leaves of a map are counted and allocated: a parameter of the map's
/// type.
///
/// [`ArcKind`] is the default; [`RcKind`] is for maps that stay on one thread. An
/// interpreter may define its own, for example to make nodes objects of its collector.
///
/// A kind whose [`allocate`](Self::allocate) may fail is only for
/// [`RawHamt`](crate::raw::RawHamt). Its operations return the reason as an error of the
/// caller's type ([`ErrorOf`]), and leave the map unchanged.
///
/// # Safety
///
/// * A node that [`allocate`](Self::allocate) returned is a valid node until
///   [`free`](Self::free) is called with it: the kind neither moves nor frees it, and changes
///   only its head.
/// * [`is_one`](Self::is_one) returns `true` only if the caller's reference is the only one,
///   and no other can come into being before the caller creates one or calls foreign code;
///   nor, with [`RUNS_CODE`](Self::RUNS_CODE), before the caller allocates.
/// * No function of the kind unwinds.
/// * [`down`](Self::down) returns `true` only for the last reference. Then everything that
///   the others did with the node is visible to the caller. The same holds for `is_one`.
/// * If the kind is `Sync`, heads are counted atomically, and [`Word`](Self::Word) is
///   `AtomicU32`: maps are `Send` and `Sync` where the kind, the keys and the values are. Heads
///   are dropped by any thread then.
pub unsafe trait PointerKind: 'static {
    /// The start of each node and each leaf: the reference count, and other data of the
    /// kind. It is shared, so data that changes must be in cells or atomic.
    type Head;

    /// The type of the state of a table: `AtomicU32`, or `Cell<u32>` for a kind that is
    /// not `Sync`.
    type Word: Word;

    /// The reason why there is no memory. [`Infallible`] where that ends the process.
    type Refused;

    /// Whether a changed copy of a node borrows the children that it has in common with the
    /// original. Otherwise it counts each. A kind whose references a collector traces must not
    /// borrow. One whose allocations run code cannot: it does not compile.
    const BORROWS: bool;

    /// Whether [`allocate`](Self::allocate) may run foreign code, or foreign code may get a
    /// reference to a node from elsewhere than a map (from a collector's list of objects). Then
    /// maps read a count only where neither an allocation nor a call of an equality follows
    /// before the change. Methods that borrow values to change them, such as
    /// [`Hamt::get_mut`](crate::Hamt::get_mut) and a vacant entry's `insert`, do not compile.
    const RUNS_CODE: bool = false;

    /// Allocates memory of this layout for a node of this form, and initializes its head to
    /// count one reference. The map is valid during the call, and the new node is not part of
    /// it.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is no memory.
    ///
    /// # Safety
    ///
    /// The layout must have room for the head, and its alignment.
    unsafe fn allocate(
        layout: Layout,
        form: NodeForm,
    ) -> Result<NonNull<Self::Head>, Self::Refused>;

    /// Frees a node, and drops its head. Its other contents have been dropped or moved.
    ///
    /// # Safety
    ///
    /// It must be from [`allocate`](Self::allocate) with this layout, and not be used any more.
    unsafe fn free(node: NonNull<Self::Head>, layout: Layout);

    /// Called when a node is complete. No foreign code may access it before.
    ///
    /// # Safety
    ///
    /// The pointer must be the one that [`allocate`](Self::allocate) returned, and the node be complete.
    #[inline(always)]
    unsafe fn track(_: NonNull<Self::Head>) {}

    /// Called before the contents of a node are dropped, and before its memory is freed. No foreign
    /// code may access it afterwards.
    ///
    /// # Safety
    ///
    /// As for [`track`](Self::track).
    #[inline(always)]
    unsafe fn untrack(_: NonNull<Self::Head>) {}

    /// Increments the reference count. The caller has a reference, or borrows one.
    fn up(head: &Self::Head);

    /// Decrements the reference count, and returns `true` if this was the last reference.
    fn down(head: &Self::Head) -> bool;

    /// Returns `true` if the caller's reference is the only one.
    fn is_one(head: &Self::Head) -> bool;

    /// Called before a read of the contents of a node, for a model checker.
    #[doc(hidden)]
    #[inline(always)]
    fn note_read(_: &Self::Head) {}

    /// Called before the contents of a node are changed or dropped, for a model checker.
    #[doc(hidden)]
    #[inline(always)]
    fn note_write(_: &Self::Head) {}
}

/// A kind whose allocations do not fail, as [`Hamt`](crate::Hamt) and
/// [`HamtSet`](crate::HamtSet) need it. Implemented for every [`PointerKind`] whose `Refused`
/// is [`Infallible`].
pub trait InfallibleKind: PointerKind<Refused = Infallible> {}
impl<P: PointerKind<Refused = Infallible>> InfallibleKind for P {}

/// The errors of operations on maps of a kind, which can also report that memory was refused.
///
/// For a kind whose memory is never refused, all types implement this. Another kind implements
/// it for the errors of its equalities.
pub trait ErrorOf<P: PointerKind> {
    /// Creates the error that reports refused memory.
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
    /// Neither `Send` nor `Sync`: so no map of this kind is.
    _on_one_thread: PhantomData<*const ()>,
}

/// Implements the kind that counts by a word, as both kinds here do.
macro_rules! count_by {
    ($word:ty, $kind:ty) => {
        // SAFETY: memory is the pool's, which does not access it until it is freed. `Count`
        // counts as `Arc` does, with the orderings of the word; `AtomicU32` is atomic, and
        // `RcKind` is not `Sync`. No foreign code gets a reference to a node.
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
