//! What threads share: a few places that anybody takes from and puts into.

use std::sync::{Arc, Mutex, PoisonError};

/// Handles in places that are drawn by lot. Putting one in drops, outside the lock, what was there:
/// often its last handle, on another thread than it was made on.
pub struct Pool<T>(Vec<Mutex<Option<Arc<T>>>>);

impl<T> Pool<T> {
    pub fn new(places: usize) -> Self {
        Pool((0..places).map(|_| Mutex::new(None)).collect())
    }

    fn place(&self) -> &Mutex<Option<Arc<T>>> {
        &self.0[fastrand::usize(..self.0.len())]
    }

    /// A handle of what is in some place.
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
