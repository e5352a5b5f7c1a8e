//! Places in a program that make events, as they are with more fields.

use std::collections::HashMap;
use std::sync::{OnceLock, PoisonError, RwLock};
use tracing_core::Metadata;
use tracing_core::callsite::{Callsite, Identifier};
use tracing_core::field::FieldSet;
use tracing_core::subscriber::Interest;

/// The places that have been met, each with the same fields more.
///
/// What `tracing` wants of a place lives for ever; there are as many as are written in
/// the program.
pub(super) struct Sites {
    more: Vec<&'static str>,
    met: RwLock<HashMap<Identifier, &'static Metadata<'static>>>,
}

impl Sites {
    pub(super) fn new(more: Vec<&'static str>) -> Self {
        Sites {
            more,
            met: RwLock::default(),
        }
    }

    /// Gives what a place is with the fields.
    pub(super) fn with_fields(
        &self,
        metadata: &'static Metadata<'static>,
    ) -> &'static Metadata<'static> {
        let met = self.met.read().unwrap_or_else(PoisonError::into_inner);
        let found = met.get(&metadata.callsite()).copied();
        drop(met);
        found.unwrap_or_else(|| self.meet(metadata))
    }

    #[cold]
    fn meet(&self, metadata: &'static Metadata<'static>) -> &'static Metadata<'static> {
        let mut met = self.met.write().unwrap_or_else(PoisonError::into_inner);
        met.entry(metadata.callsite())
            .or_insert_with(|| extended(metadata, &self.more))
    }
}

/// Makes a place like another with fields more.
fn extended(like: &'static Metadata<'static>, more: &[&'static str]) -> &'static Metadata<'static> {
    let own = like.fields().iter().map(|field| field.name());
    let names: Vec<&'static str> = own.chain(more.iter().copied()).collect();
    let site: &'static Site = Box::leak(Box::default());
    site.0.get_or_init(|| {
        Metadata::new(
            like.name(),
            like.target(),
            *like.level(),
            like.file(),
            like.line(),
            like.module_path(),
            FieldSet::new(names.leak(), Identifier(site)),
            tracing_core::Kind::EVENT,
        )
    })
}

#[derive(Default)]
struct Site(OnceLock<Metadata<'static>>);

impl Callsite for Site {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        self.0.get().expect("given when it was made")
    }
}
