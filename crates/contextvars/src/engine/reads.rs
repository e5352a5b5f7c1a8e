//! The reads that are under way on a thread, and what they still look at.
//!
//! A borrowing read counts nothing, so whoever takes a value out of the reach of
//! a read that is under way sets it aside here, where it lives until the
//! outermost read has ended.

use crate::engine::{Bindings, Domain, Entry};
use std::cell::{Cell, RefCell};
use threadstate::Stay;

pub(super) struct Reads<D: Domain> {
    /// The stay in which the innermost read under way began; [`Stay::NONE`] where
    /// none is.
    ///
    /// A read that began in the current stay began in this one, or before it: since
    /// the innermost began, no stay has begun that a read is under way of, and one
    /// that has ended does not come back.
    innermost: Cell<Stay>,
    aside: RefCell<Vec<Aside<D>>>,
    /// Whether anything is there: what each read asks at its end.
    any_aside: Cell<bool>,
}

/// What is kept alive for reads.
pub(super) enum Aside<D: Domain> {
    /// A displaced binding.
    #[expect(dead_code, reason = "kept to be dropped")]
    Entry(Entry<D>),
    /// The bindings of a context that was left.
    #[expect(dead_code, reason = "kept to be dropped")]
    Bindings(Bindings<D>),
}

impl<D: Domain> Reads<D> {
    /// Notes that a read begins in this stay. It ends when the result is dropped.
    #[inline]
    pub(super) fn begin(&self, stay: Stay) -> Reading<'_, D> {
        let outer = self.innermost.replace(stay);
        Reading { reads: self, outer }
    }

    /// Keeps what `make` gives, if a read may look at something of this stay.
    #[inline]
    pub(super) fn set_aside(&self, stay: Stay, make: impl FnOnce() -> Option<Aside<D>>) {
        if stay <= self.innermost.get() {
            self.keep(make);
        }
    }

    #[cold]
    fn keep(&self, make: impl FnOnce() -> Option<Aside<D>>) {
        let aside = make();
        self.aside.borrow_mut().extend(aside);
        self.any_aside.set(true);
    }

    /// Drops all that is set aside, if no read goes on that may look at it.
    #[cold]
    fn drop_aside(&self) {
        if self.innermost.get() != Stay::NONE {
            return;
        }
        self.any_aside.set(false);
        // Dropping it may run anything, reads that set aside included.
        drop(self.aside.take());
    }
}

impl<D: Domain> Default for Reads<D> {
    fn default() -> Self {
        Reads {
            innermost: Cell::new(Stay::NONE),
            aside: RefCell::new(Vec::new()),
            any_aside: Cell::new(false),
        }
    }
}

/// A read that is under way.
pub(super) struct Reading<'a, D: Domain> {
    reads: &'a Reads<D>,
    outer: Stay,
}

impl<D: Domain> Drop for Reading<'_, D> {
    #[inline]
    fn drop(&mut self) {
        self.reads.innermost.set(self.outer);
        if self.reads.any_aside.get() {
            self.reads.drop_aside();
        }
    }
}
