//! What a collector sees of contexts, for a host that collects cycles.
//!
//! Contexts, their copies, tokens and iterators share bindings. A host chooses a [`Kind`] of
//! bindings that its collector can follow; the kinds that count by themselves borrow, and do not
//! compile with [`Trace`]. What to choose depends on how the collector finds out what is dead:
//!
//! * *By counts, an object at a time, often in generations* (CPython): the nodes of the bindings
//!   are objects of the collector's, with its counts and its memory. The kind is the host's own; an
//!   object of a node shows what it holds by [`trace_node`].
//! * *By counts, in passes over the whole heap* (Boa): [`VisitedCounts`]. Nodes note how often they
//!   were visited in the counting pass ([`CountVisits`]): those whose visits reach their count are
//!   gone on to. In the marking pass ([`Mark`]) each is gone on to once.
//! * *By marking alone*: [`VisitedCounts`] and [`Mark`].
//!
//! A trace clones and drops nothing, and waits for nothing. What a thread's stack holds is shown
//! by [`Thread::for_each_owned_context`](crate::engine::Thread::for_each_owned_context), and a
//! suspended one by [`Suspended::for_each_context`](crate::engine::Suspended::for_each_context).
#![allow(unsafe_code)]

use crate::engine::{Kind, PlainCounts};
use std::alloc::Layout;
use std::cell::Cell;
use std::convert::Infallible;
use std::marker::PhantomData;
use std::process;
use std::ptr::NonNull;

pub use hamt::{NodeForm, PointerKind, Trace, drop_node, trace_node};

/// Counts by plain operations, and notes a collector's visits: for a host of one thread whose
/// collector goes over the whole heap. Contexts of this kind stay on one thread. A visit of a node
/// costs a few instructions.
///
/// # Examples
///
/// A collector that only marks:
///
/// ```
/// use contextvars::engine::collect::{Mark, VisitedCounts};
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
///     map.trace(&mut Mark { pass: 1, entry });
/// }
/// assert_eq!(marked, ["key: value"]);
/// # Ok::<(), Infallible>(())
/// ```
#[derive(Debug)]
pub struct VisitedCounts {
    /// Neither `Send` nor `Sync`.
    _on_one_thread: PhantomData<*const ()>,
}

/// What each node of [`VisitedCounts`] begins with.
#[derive(Debug)]
pub struct Visits {
    count: Cell<u32>,
    /// How often it was visited in the counting pass `counted_in`.
    visits: Cell<u32>,
    counted_in: Cell<u32>,
    marked_in: Cell<u32>,
}

impl Visits {
    /// Notes a visit in a counting pass, and returns `true` if there have been as many as there
    /// are references: if no holder is left that is not in the collector's heap. Passes have
    /// numbers of their own, other than zero.
    pub fn count(&self, pass: u32) -> bool {
        let is_first = self.counted_in.replace(pass) != pass;
        let visits = if is_first { 1 } else { self.visits.get() + 1 };
        self.visits.set(visits);
        visits == self.count.get()
    }

    /// Notes a visit in a marking pass, and returns `true` if it is the first. Passes have numbers
    /// of their own, other than zero.
    pub fn mark(&self, pass: u32) -> bool {
        self.marked_in.replace(pass) != pass
    }
}

// SAFETY: memory is that of `PlainCounts`, which leaves it alone until it is freed. Counts are
// plain, and the kind is not `Sync`. Nothing else gets hold of a node. No function unwinds.
unsafe impl PointerKind for VisitedCounts {
    type Head = Visits;
    type Word = <PlainCounts as PointerKind>::Word;
    type Refused = Infallible;
    const BORROWS: bool = false;

    #[inline]
    unsafe fn allocate(layout: Layout, form: NodeForm) -> Result<NonNull<Visits>, Infallible> {
        // SAFETY: by the caller; it has room for this head, which takes the place of that kind's.
        unsafe {
            let node = PlainCounts::allocate(layout, form)?.cast::<Visits>();
            node.write(Visits {
                count: Cell::new(1),
                visits: Cell::new(0),
                counted_in: Cell::new(0),
                marked_in: Cell::new(0),
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

/// The numbers of a collector's passes, for a host whose collector has none and does not say when
/// a collection begins: it counts all objects before it marks or finalizes any, and marks or
/// finalizes each that it has counted. So the first count after a mark begins a collection.
#[derive(Debug)]
pub struct Passes {
    collection: Cell<u32>,
    counts: Cell<bool>,
}

impl Passes {
    /// Begins before the first collection.
    #[must_use]
    pub const fn new() -> Self {
        Passes {
            collection: Cell::new(0),
            counts: Cell::new(false),
        }
    }

    /// Returns the number of the counting pass: where an object's references are counted.
    pub fn counting(&self) -> u32 {
        if !self.counts.replace(true) {
            // Never zero.
            self.collection
                .set(self.collection.get().checked_add(1).unwrap_or(1));
        }
        self.collection.get()
    }

    /// Returns the number of the marking pass: where an object is marked. To be called where one is
    /// finalized, too: a collection that finds all of a host's objects dead marks none.
    pub fn marking(&self) -> u32 {
        self.counts.set(false);
        self.collection.get()
    }
}

impl Default for Passes {
    fn default() -> Self {
        Self::new()
    }
}

/// The counting pass of a collector over [`VisitedCounts`]: goes on to what a node holds when its
/// visits have reached its count, so that nothing outside of the collector's heap holds it.
///
/// Each holder in the heap must be asked once.
#[derive(Debug)]
pub struct CountVisits<F> {
    /// The number of this pass: never zero, and another one for each.
    pub pass: u32,
    /// Called with the key and the value of each leaf that is gone on to.
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

/// The marking pass of a collector over [`VisitedCounts`]: goes on to what a node holds when it is
/// first visited. A holder may be asked any number of times.
#[derive(Debug)]
pub struct Mark<F> {
    /// The number of this pass: never zero, and another one for each.
    pub pass: u32,
    /// Called with the key and the value of each leaf.
    pub entry: F,
}

impl<K, V, F: FnMut(&K, &V)> Trace<K, V, VisitedCounts> for Mark<F> {
    fn node(&mut self, head: &Visits) -> bool {
        head.mark(self.pass)
    }

    fn entry(&mut self, key: &K, value: &V) {
        (self.entry)(key, value);
    }
}
