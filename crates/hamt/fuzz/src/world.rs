use std::array;

use crate::{Action, Held, Layer, Step, Version};

/// Versions in their places, and handles of entries.
pub struct World<L: Layer> {
    /// The versions.
    pub versions: [Version<L>; Step::PLACES],
    /// The handles.
    pub held: Vec<Held<L::Kind>>,
}

impl<L: Layer> World<L> {
    /// Creates a world in which every place has this version.
    pub fn new(version: &Version<L>) -> Self {
        Self {
            versions: array::from_fn(|_| version.clone()),
            held: Vec::new(),
        }
    }

    /// Creates a world of the same versions.
    pub fn of_versions(&self) -> Self {
        Self {
            versions: self.versions.clone(),
            held: Vec::new(),
        }
    }

    /// Returns the step with a key that the version has, if the step should have one
    /// and there is one.
    pub fn aim(&self, step: Step) -> Step {
        let bound = self.versions[step.at].bound_from(step.key);
        match bound.filter(|_| step.aims()) {
            Some(key) => Step { key, ..step },
            None => step,
        }
    }

    /// Performs a step.
    pub fn perform(&mut self, step: Step) {
        let Step {
            at,
            to,
            key,
            content,
            ..
        } = step;
        let version = &mut self.versions[at];
        match step.action {
            Action::Insert => version.insert(key, content),
            Action::Remove => version.remove(key),
            Action::Assoc => self.versions[to] = version.assoc(key, content),
            Action::Without => self.versions[to] = version.without(key),
            Action::Clone => self.versions[to] = version.clone(),
            Action::Drop => *version = version.emptied(version.hashes),
            Action::Fill => step.keys().for_each(|key| version.insert(key, content)),
            Action::Clear => step.keys().for_each(|key| version.remove(key)),
            // Not more: each copies the model.
            Action::Chain => step.keys().take(16).for_each(|key| {
                *version = match content {
                    0 => version.without(key),
                    _ => version.assoc(key, content),
                };
            }),
            Action::Rebuild => self.versions[to] = version.rebuilt(),
            Action::Retain => version.retain(|id| step.passes(id)),
            Action::Hold => self.held.extend(version.hold(key)),
            Action::Release => drop(self.held.pop()),
            Action::Compare => self.versions[at].compare(&self.versions[to]),
            Action::Diff => self.versions[at].diff(&self.versions[to]),
            Action::Iterate => match self.versions.get_disjoint_mut([at, to]) {
                Ok([version, other]) => {
                    version.iterate(step.count, || other.retain(|id| step.passes(id)));
                }
                Err(_) => self.versions[at].iterate(step.count, || self.held.clear()),
            },
            Action::Cursor if at == to => version.cursor(),
            Action::Cursor => self.versions[at].cursor_over(&self.versions[to], step.count),
            Action::Set
            | Action::InsertHeld
            | Action::Fail
            | Action::Alter
            | Action::Extend
            | Action::Union
            | Action::ExtendFrom
            | Action::Rehash
            | Action::GetMut
            | Action::IterMut
            | Action::Entry
            | Action::Difference
            | Action::Merge => L::perform(self, step),
        }
    }

    /// Checks every version's invariants, entries and lookup of a key, and the
    /// handles.
    pub fn check(&self, key: u16) {
        for version in &self.versions {
            version.check_key(key);
            version.iterate(0, || {});
        }
        self.held.iter().for_each(Held::check);
    }
}
