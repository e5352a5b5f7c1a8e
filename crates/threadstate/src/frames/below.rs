//! The frames below the current one.
//!
//! A vector whose first frames are stored inline, so that a stack of usual depth needs no
//! allocation. `SmallVec` checks at each push and pop whether it has moved all its
//! elements to the heap, which made a poll of a future a tenth slower.

use super::Frame;
use crate::Stack;

/// The number of frames that need no allocation.
const IN_PLACE: usize = 8;

pub(super) struct Below<S: Stack> {
    len: usize,
    /// Those from `len` on are not in use.
    first: [Frame<S>; IN_PLACE],
    rest: Vec<Frame<S>>,
}

impl<S: Stack> Below<S> {
    pub(super) fn new() -> Self {
        Below {
            len: 0,
            first: [const { Frame::VACANT }; IN_PLACE],
            rest: Vec::new(),
        }
    }

    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Returns the frame at `index`, counted from the bottom.
    pub(super) fn get(&self, index: usize) -> Option<&Frame<S>> {
        self.iter().nth(index)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Frame<S>> {
        self.first.iter().chain(&self.rest).take(self.len)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Frame<S>> {
        self.first.iter_mut().chain(&mut self.rest).take(self.len)
    }

    #[inline(always)]
    pub(super) fn push(&mut self, frame: Frame<S>) {
        match self.first.get_mut(self.len) {
            Some(place) => *place = frame,
            None => self.push_to_rest(frame),
        }
        self.len += 1;
    }

    #[cold]
    #[inline(never)]
    fn push_to_rest(&mut self, frame: Frame<S>) {
        self.rest.push(frame);
    }

    /// Removes the top frame.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[inline(always)]
    pub(super) fn pop(&mut self) -> Frame<S> {
        self.len -= 1;
        match self.first.get(self.len) {
            Some(frame) => frame.copy(),
            None => self.pop_from_rest(),
        }
    }

    #[cold]
    #[inline(never)]
    fn pop_from_rest(&mut self) -> Frame<S> {
        self.rest.pop().expect("there is a frame below")
    }

    /// Removes the frame at `index`, counted from the bottom.
    pub(super) fn remove(&mut self, index: usize) -> Frame<S> {
        // The frame moves up to the top, past those above it.
        let mut above = self.iter_mut().skip(index);
        let mut frame = above.next().expect("there is such a frame");
        for next in above {
            std::mem::swap(frame, next);
            frame = next;
        }
        self.pop()
    }
}
