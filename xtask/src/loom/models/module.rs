//! The model of the import table.

use super::Model;
use crate::fault::Fault;

pub const MODELS: &[Model] = &[Model {
    name: "inittab",
    package: "contextvars-module",
    shows: "an initialiser that two threads import runs once",
    mutants: &[
        Fault {
            name: "initialiser-not-noted",
            file: "crates/module/src/inittab/registry.rs",
            find: "entry.state = State::Running(thread);",
            replace: "",
            breaks: "two threads run one initialiser",
        },
        Fault {
            name: "end-not-told",
            file: "crates/module/src/inittab.rs",
            find: "self.table.ended.notify_all();",
            replace: "",
            breaks: "a waiting importer is never told",
        },
        Fault {
            name: "circle-not-seen",
            file: "crates/module/src/inittab/registry.rs",
            find: "match self.circle(thread, &name) {",
            replace: "match None::<Vec<Arc<str>>> {",
            breaks: "two threads that import each other's modules wait for ever",
        },
    ],
}];
