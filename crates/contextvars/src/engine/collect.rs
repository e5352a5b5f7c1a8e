//! Tracing contexts, for a host that collects cycles.
//!
//! Contexts, their copies, tokens and iterators share bindings. A host chooses a [`Kind`] of
//! bindings that its collector can trace. [`AtomicCounts`](crate::engine::AtomicCounts) and
//! [`PlainCounts`] borrow, and do not compile with [`Trace`]. The choice depends on how the
//! collector finds dead objects:
//!
//! * *By counts, an object at a time, often in generations* (CPython): the nodes of the bindings
//!   are objects of the collector, with its counts and its memory. The kind is the host's own; a
//!   node's object is traced by [`trace_node`].
//! * *By counts, in passes over the whole heap* (Boa): [`VisitedCounts`]. In the counting pass
//!   ([`CountVisits`]) each node counts its visits; its contents are visited when the visits reach
//!   its reference count. In the marking pass ([`MarkVisits`]) they are visited once.
//! * *By marking alone*: [`VisitedCounts`] and [`MarkVisits`].
//!
//! A trace clones and drops nothing, and never blocks. The contexts on a thread's stack are listed
//! by [`Thread::for_each_owned_context`](crate::engine::Thread::for_each_owned_context), those of
//! a suspended stack by
//! [`Suspended::for_each_context`](crate::engine::Suspended::for_each_context).
#![allow(unsafe_code)]

use crate::engine::{Kind, PlainCounts};
use std::alloc::Layout;
use std::cell::Cell;
use std::convert::Infallible;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::process;
use std::ptr::NonNull;

pub use hamt::{NodeForm, PointerKind, Trace, drop_node, trace_node};

/// Counts references by plain operations, and a collector's visits: for a host of one thread whose
/// collector traverses the whole heap. Contexts of this kind stay on one thread. A visit of a node
/// costs a few instructions.
///
/// # Examples
///
/// A collector that only marks:
///
/// ```
/// use contextvars::engine::collect::{MarkVisits, Pass, VisitedCounts};
/// use hamt::{Leaf, raw::RawHamt};
/// use std::convert::Infallible;
///
/// let leaf = Leaf::try_new_in(7, "key", "value")?;
/// let mut map = RawHamt::<_, _, VisitedCounts>::new_in();
/// map.insert(leaf, |key| Ok::<_, Infallible>(*key == "key"))?;
/// let version = map.clone();
///
/// let mut marked = Vec::new();
/// for map in [&map, &version] {
///     let entry = |key: &&str, value: &&str| marked.push(format!("{key}: {value}"));
///     map.trace(&mut MarkVisits { pass: Pass::FIRST, entry });
/// }
/// assert_eq!(marked, ["key: value"]);
/// # Ok::<(), Infallible>(())
/// ```
#[derive(Debug)]
pub struct VisitedCounts {
    /// Neither `Send` nor `Sync`.
    _on_one_thread: PhantomData<*const ()>,
}

/// The head of each node of [`VisitedCounts`]: its reference count and its visits.
#[derive(Debug)]
pub struct Visits {
    count: Cell<u32>,
    /// The number of visits in the counting pass `counted_in`.
    visits: Cell<u32>,
    counted_in: Cell<Option<Pass>>,
    marked_in: Cell<Option<Pass>>,
}

impl Visits {
    /// Counts a visit in a counting pass. Returns `true` if there have been as many visits as
    /// there are references: all holders are in the collector's heap.
    pub fn count(&self, pass: Pass) -> bool {
        let is_first = self.counted_in.replace(Some(pass)) != Some(pass);
        let visits = if is_first { 1 } else { self.visits.get() + 1 };
        self.visits.set(visits);
        visits == self.count.get()
    }

    /// Records a visit in a marking pass. Returns `true` if it is the first.
    pub fn mark(&self, pass: Pass) -> bool {
        self.marked_in.replace(Some(pass)) != Some(pass)
    }
}

// SAFETY: memory comes from `PlainCounts`, which does not touch it until it is freed. Counts are
// plain, and the kind is not `Sync`. No other code gets a pointer to a node. No function unwinds.
unsafe impl PointerKind for VisitedCounts {
    type Head = Visits;
    type Word = <PlainCounts as PointerKind>::Word;
    type Refused = Infallible;
    const BORROWS: bool = false;

    #[inline]
    unsafe fn allocate(layout: Layout, form: NodeForm) -> Result<NonNull<Visits>, Infallible> {
        // SAFETY: by the caller; the layout has room for this head, which replaces that kind's.
        unsafe {
            let node = PlainCounts::allocate(layout, form)?.cast::<Visits>();
            node.write(Visits {
                count: Cell::new(1),
                visits: Cell::new(0),
                counted_in: Cell::new(None),
                marked_in: Cell::new(None),
            });
            Ok(node)
        }
    }

    #[inline]
    unsafe fn free(node: NonNull<Visits>, layout: Layout) {
        // SAFETY: by the caller. No head has a drop.
        unsafe { PlainCounts::free(node.cast(), layout) }
    }

    #[inline(always)]
    fn up(head: &Visits) {
        match head.count.get().checked_add(1) {
            Some(count) => head.count.set(count),
            // As `Rc` does.
            None => process::abort(),
        }
    }

    #[inline(always)]
    fn down(head: &Visits) -> bool {
        let count = head.count.get() - 1;
        head.count.set(count);
        count == 0
    }

    #[inline(always)]
    fn is_one(head: &Visits) -> bool {
        head.count.get() == 1
    }
}

impl Kind for VisitedCounts {
    type ClaimWord = Cell<u64>;
}

/// The number of a collector's pass. No two counting passes have the same, and no two marking
/// passes: begin with [`FIRST`](Self::FIRST), then take the [`next`](Self::next). A number of the
/// collector's own can be converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass(NonZeroU32);

impl Pass {
    /// The number of the first pass.
    pub const FIRST: Self = Pass(NonZeroU32::MIN);

    /// Returns the number of the pass after this one. After 2³² − 1 passes the numbers start
    /// again.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.0.checked_add(1) {
            Some(number) => Pass(number),
            None => Self::FIRST,
        }
    }
}

impl From<NonZeroU32> for Pass {
    fn from(number: NonZeroU32) -> Self {
        Pass(number)
    }
}

/// Numbers for a collector's passes, for a host whose collector has none and does not announce a
/// collection. The collector must count all objects before it marks or finalizes any, and must
/// mark or finalize each counted object. So the first count after a mark begins a collection.
#[derive(Debug)]
pub struct Passes {
    collection: Cell<Pass>,
    counts: Cell<bool>,
}

impl Passes {
    /// Creates the state before the first collection.
    #[must_use]
    pub const fn new() -> Self {
        Passes {
            collection: Cell::new(Pass::FIRST),
            counts: Cell::new(false),
        }
    }

    /// Returns the number of the counting pass. To be called when an object's references are
    /// counted.
    pub fn counting(&self) -> Pass {
        if !self.counts.replace(true) {
            self.collection.set(self.collection.get().next());
        }
        self.collection.get()
    }

    /// Returns the number of the marking pass. To be called when an object is marked, and also
    /// when one is finalized: a collection that finds all objects of a host dead marks none.
    pub fn marking(&self) -> Pass {
        self.counts.set(false);
        self.collection.get()
    }
}

impl Default for Passes {
    fn default() -> Self {
        Self::new()
    }
}

/// The counting pass of a collector over [`VisitedCounts`]. Visits a node's contents when its
/// visits have reached its reference count: then nothing outside of the collector's heap holds it.
///
/// Each holder in the heap must be traced exactly once.
#[derive(Debug)]
pub struct CountVisits<F> {
    /// The number of this pass.
    pub pass: Pass,
    /// Called with the key and the value of each leaf whose contents are visited.
    pub entry: F,
}

impl<K, V, F: FnMut(&K, &V)> Trace<K, V, VisitedCounts> for CountVisits<F> {
    fn node(&mut self, head: &Visits) -> bool {
        head.count(self.pass)
    }

    fn entry(&mut self, key: &K, value: &V) {
        (self.entry)(key, value);
    }
}

/// The marking pass of a collector over [`VisitedCounts`]. Visits a node's contents at its first
/// visit. A holder may be traced any number of times.
#[derive(Debug)]
pub struct MarkVisits<F> {
    /// The number of this pass.
    pub pass: Pass,
    /// Called with the key and the value of each leaf.
    pub entry: F,
}

impl<K, V, F: FnMut(&K, &V)> Trace<K, V, VisitedCounts> for MarkVisits<F> {
    fn node(&mut self, head: &Visits) -> bool {
        head.mark(self.pass)
    }

    fn entry(&mut self, key: &K, value: &V) {
        (self.entry)(key, value);
    }
}
