//! The metadata of callsites with the additional fields, cached for each callsite.

use crate::any_var::AnyVar;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use tracing_core::Metadata;
use tracing_core::callsite::Identifier;
use tracing_core::field::FieldSet;

/// A cache of the callsites seen so far, each with the variables as additional fields.
///
/// `tracing` requires `'static` metadata, so an entry is leaked; there is at most one for
/// each callsite in the program.
pub(super) struct Sites(RwLock<HashMap<Identifier, &'static Site>>);

/// A callsite with additional fields.
pub(super) struct Site {
    /// The metadata, with the identifier of the original callsite: some layers compare that,
    /// for example to recognise events of `log`.
    pub(super) metadata: Metadata<'static>,
    /// The variables whose fields follow the event's own. A variable is left out if the event
    /// has a field of its name.
    pub(super) vars: Vec<&'static dyn AnyVar>,
}

impl Sites {
    pub(super) fn new() -> Self {
        Sites(RwLock::default())
    }

    /// Returns the callsite with the fields of `vars`. Every call must pass the same `vars`.
    pub(super) fn with_fields(
        &self,
        metadata: &'static Metadata<'static>,
        vars: &[&'static dyn AnyVar],
    ) -> &'static Site {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&metadata.callsite()).copied();
        drop(known);
        found.unwrap_or_else(|| self.add(metadata, vars))
    }

    #[cold]
    fn add(
        &self,
        metadata: &'static Metadata<'static>,
        vars: &[&'static dyn AnyVar],
    ) -> &'static Site {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known
            .entry(metadata.callsite())
            .or_insert_with(|| Box::leak(Box::new(extended(metadata, vars))))
    }
}

fn extended(like: &'static Metadata<'static>, vars: &[&'static dyn AnyVar]) -> Site {
    let mut names: Vec<&'static str> = like.fields().iter().map(|field| field.name()).collect();
    let mut kept = Vec::new();
    for &var in vars {
        if !names.contains(&var.name()) {
            names.push(var.name());
            kept.push(var);
        }
    }
    Site {
        metadata: Metadata::new(
            like.name(),
            like.target(),
            *like.level(),
            like.file(),
            like.line(),
            like.module_path(),
            FieldSet::new(names.leak(), like.callsite()),
            tracing_core::Kind::EVENT,
        ),
        vars: kept,
    }
}
