//! A few places that threads share: any thread puts items in and picks them.

use std::sync::{Arc, Mutex, PoisonError};

/// Handles in randomly chosen places. `put` drops the old handle outside the lock. Often that is
/// the last handle, on a different thread from the one that created the item.
pub struct Pool<T>(Vec<Mutex<Option<Arc<T>>>>);

impl<T> Pool<T> {
    pub fn new(places: usize) -> Self {
        Pool((0..places).map(|_| Mutex::new(None)).collect())
    }

    fn place(&self) -> &Mutex<Option<Arc<T>>> {
        &self.0[fastrand::usize(..self.0.len())]
    }

    /// Returns a handle of the item in a random place.
    pub fn pick(&self) -> Option<Arc<T>> {
        let place = self.place().lock();
        place.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn put(&self, item: T) {
        let item = Some(Arc::new(item));
        let mut place = self.place().lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *place, item);
        drop(place);
        drop(old);
    }

    pub fn clear(&self) {
        for place in &self.0 {
            let old = place.lock().unwrap_or_else(PoisonError::into_inner).take();
            drop(old);
        }
    }
}
