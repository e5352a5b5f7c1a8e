//! Watchers: callbacks that are notified of each switch.

use crate::internals::sync::{AtomicU8, Guarded, Ordering};
use crate::{Event, Stack, WatcherError, WatcherId};
use std::cell::Cell;

/// The number of watchers that an interpreter can have.
pub const MAX_WATCHERS: usize = 8;

/// For the ids of CPython's C API.
impl TryFrom<i32> for WatcherId {
    type Error = WatcherError;

    /// Converts a number to the id.
    ///
    /// # Errors
    ///
    /// [`WatcherError::Invalid`] for a number below 0 or above 7.
    fn try_from(id: i32) -> Result<Self, WatcherError> {
        match u8::try_from(id) {
            Ok(index) if usize::from(index) < MAX_WATCHERS => Ok(WatcherId(index)),
            _ => Err(WatcherError::Invalid(id)),
        }
    }
}

/// The eight places of an interpreter.
pub(crate) struct Watchers<S: Stack> {
    places: Guarded<[Option<S::Watcher>; MAX_WATCHERS]>,
    /// One bit for each taken place, so that a switch without watchers takes
    /// no lock.
    ///
    /// Invariant: written under the lock of `places`, after the place.
    taken: AtomicU8,
}

impl<S: Stack> Watchers<S> {
    pub(crate) fn new() -> Self {
        Watchers {
            places: Guarded::new([const { None }; MAX_WATCHERS]),
            taken: AtomicU8::new(0),
        }
    }

    pub(crate) fn add(&self, watcher: S::Watcher) -> Result<WatcherId, WatcherError> {
        let mut watcher = Some(watcher);
        // If there is no free place, the watcher is dropped outside the lock.
        self.places.change(|places| {
            let free = places.iter().position(Option::is_none);
            let id = free.ok_or(WatcherError::Full)?;
            places[id] = watcher.take();
            // Release pairs with the Acquire in `notify`.
            self.taken.fetch_or(1 << id, Ordering::Release);
            Ok(WatcherId(id as u8))
        })
    }

    /// Returns the watcher, so that it is dropped outside the lock.
    pub(crate) fn clear(&self, id: WatcherId) -> Result<S::Watcher, WatcherError> {
        let index = usize::from(id.0);
        self.places.change(|places| {
            let watcher = places[index].take().ok_or(WatcherError::NotSet(id))?;
            self.taken.fetch_and(!(1 << index), Ordering::Release);
            Ok(watcher)
        })
    }

    fn at(&self, index: usize) -> Option<S::Watcher> {
        self.places.read(|places| places[index].clone())
    }

    /// Notifies every watcher, in the order of their ids, that the context of a thread
    /// has changed. `busy` has a bit for each watcher that is running on the thread.
    ///
    /// Each is looked up just before its call, so none is called that was
    /// cleared before the lookup. A watcher that switches contexts is not notified
    /// of these switches (the others are), which bounds the nesting by the number
    /// of watchers.
    #[inline]
    pub(crate) fn notify(
        &self,
        vm: S::Vm<'_>,
        busy: &Cell<u8>,
        current: impl FnOnce() -> Option<S::Context>,
    ) {
        // Where the type of watchers has no values, there are none.
        if size_of::<Option<S::Watcher>>() == 0 {
            return;
        }
        let taken = self.taken.load(Ordering::Acquire);
        if taken != 0 {
            self.notify_each(taken, vm, busy, current());
        }
    }

    /// Notifies the watchers whose bits are set.
    #[cold]
    fn notify_each(&self, taken: u8, vm: S::Vm<'_>, busy: &Cell<u8>, current: Option<S::Context>) {
        for index in (0..MAX_WATCHERS).filter(|index| taken & 1 << index != 0) {
            let Some(_busy) = Busy::begin(busy, 1 << index) else {
                continue;
            };
            if let Some(watcher) = self.at(index) {
                S::call_watcher(vm, &watcher, Event::Switched, current.as_ref());
            }
        }
    }
}

/// Marks a watcher as running on a thread until dropped.
struct Busy<'a> {
    busy: &'a Cell<u8>,
    bit: u8,
}

impl<'a> Busy<'a> {
    fn begin(busy: &'a Cell<u8>, bit: u8) -> Option<Self> {
        let others = busy.get();
        if others & bit != 0 {
            return None;
        }
        busy.set(others | bit);
        Some(Busy { busy, bit })
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.busy.set(self.busy.get() & !self.bit);
    }
}
