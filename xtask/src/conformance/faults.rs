//! Faults that are planted on purpose: the checks must turn red for each.

use std::path::Path;

use xshell::Shell;

use super::extension::Serves;
use super::python::Python;
use super::{EMBEDDED_FROM, extension, red};
use crate::fault::Fault;
use crate::progress::Progress;
use crate::{Result, table, workspace};

/// Changes that make our module behave otherwise than CPython's.
const FAULTS: &[Fault] = &[
    Fault {
        name: "used-not-first",
        file: "crates/contextvars/src/engine/token.rs",
        find: "        if self.is_used() {\n            return Err(NotRestored::Used);\n        }\n        let key = D::key(var);\n        if key != D::key(self.var()) {\n            return Err(NotRestored::OtherVariable);\n        }",
        replace: "        let key = D::key(var);\n        if key != D::key(self.var()) {\n            return Err(NotRestored::OtherVariable);\n        }\n        if self.is_used() {\n            return Err(NotRestored::Used);\n        }",
        breaks: "a reset looks whether the token is used last",
    },
    Fault {
        name: "used-not-marked",
        file: "crates/contextvars/src/engine/token.rs",
        find: "self.used.store(true, Ordering::Release);",
        replace: "",
        breaks: "a token restores twice",
    },
    Fault {
        name: "default-in-context",
        file: "crates/contextvars/src/host/mapping.rs",
        find: "        Ok(self.value(vm, &var))\n",
        replace: "        let default = || var.payload().default();\n        Ok(self.value(vm, &var).or_else(|| default().map(|value| H::clone_value(vm, value))))\n",
        breaks: "Context.get gives the variable's default",
    },
    Fault {
        name: "stale-cache",
        file: "crates/contextvars/src/engine/reads.rs",
        find: "        self.put(self.slots.of(key), key, activation, new);",
        replace: "        let _ = (activation, new);",
        breaks: "a get after a set gives the value before",
    },
    Fault {
        name: "lookup-error-text",
        file: "crates/contextvars/src/host/error.rs",
        find: "Error::Unset(var) => Ok(Failure::object(LookupError, var.to_value(vm))),",
        replace: "Error::Unset(var) => text(LookupError, repr::<H, _>(vm, &var)?),",
        breaks: "LookupError holds a text, not the variable",
    },
    Fault {
        name: "copy-is-empty",
        file: "crates/contextvars/src/host/context.rs",
        find: "Self::with_bindings(self.snapshot())",
        replace: "Self::new()",
        breaks: "a copied context has no bindings",
    },
    Fault {
        name: "iterator-length",
        file: "crates/contextvars/src/host/iter.rs",
        find: "    pub fn len(&self) -> usize {\n        self.snapshot.len()",
        replace: "    pub fn len(&self) -> usize {\n        self.snapshot.len() + 1",
        breaks: "the length of an iterator is not its snapshot's",
    },
    Fault {
        name: "thread-of-another",
        file: "crates/host-cpython/src/ffi/recent.rs",
        find: "if *found == number =>",
        replace: "if *found % PLACES as u64 == number % PLACES as u64 =>",
        breaks: "a thread takes another's state for its own",
    },
    Fault {
        name: "weak-reference-left",
        file: "crates/host-cpython/src/ffi/collector.rs",
        find: "if (*layout).weak.is_referenced() {",
        replace: "if (*layout).weak.is_referenced() {} else {",
        breaks: "a weak reference does not learn that a context is dead",
    },
    Fault {
        name: "spare-not-tracked",
        file: "crates/host-cpython/src/ffi/layout.rs",
        find: "            ffi::PyObject_GC_Track(layout.cast());\n",
        replace: "",
        breaks: "the collector does not see an object",
    },
    Fault {
        name: "running-not-told",
        file: "crates/threadstate/src/run.rs",
        find: "        self.interpreter.watchers.notify(vm, self);\n        let result = body();",
        replace: "        let result = body();",
        breaks: "watchers are not told when a run begins",
    },
];

/// Plants each fault in a copy of the workspace, builds that, and runs the checks over it.
pub fn main(python: &Python) -> Result<()> {
    let base = workspace::target().join("conformance-faults");
    let (tree, target) = (base.join("tree"), base.join("target"));
    let sh = Shell::new()?;
    workspace::copy(&sh, &workspace::root(), &tree)?;
    let sh = workspace::shell(&tree)?;

    let progress = Progress::start(1, FAULTS.len() + 1, "unchanged");
    let extension = extension::build(&tree, &target, python, Serves::All)?;
    // Without faults, since it is not what is tried: it tells Python of switches.
    let build = || extension::build_embedded(&tree, &target, python);
    let embedded = (python.version >= EMBEDDED_FROM).then(build).transpose()?;
    let embedded = embedded.as_deref();
    let failing = red(&sh, python, &extension, embedded);
    drop(progress);
    if !failing.is_empty() {
        return Err(format!("without a fault these fail: {}", failing.join(", ")).into());
    }
    let mut rows = Vec::new();
    let mut missed = Vec::new();
    for (index, fault) in FAULTS.iter().enumerate() {
        let progress = Progress::start(index + 2, FAULTS.len() + 1, fault.name);
        let noticed = try_one(&sh, python, fault, &tree, &target, embedded);
        let result = match noticed {
            Ok(failing) if failing.is_empty() => Err("NOT NOTICED".to_string()),
            Ok(failing) => Ok(failing.join(", ")),
            Err(why) => Err(why.to_string()),
        };
        if result.is_err() {
            missed.push(fault.name);
        }
        let result = result.unwrap_or_else(|why| why);
        progress.print(&format!("{}: {result}", fault.name));
        rows.push([fault.name.into(), fault.breaks.into(), result]);
    }
    println!(
        "\n{}",
        table::layout(["fault", "breaks", "noticed by"], &rows)
    );
    match missed.is_empty() {
        true => Ok(()),
        false => Err(format!("not noticed: {}", missed.join(", ")).into()),
    }
}

/// Plants one fault, and puts the file back. Gives the checks that fail.
fn try_one(
    sh: &Shell,
    python: &Python,
    fault: &Fault,
    tree: &Path,
    target: &Path,
    embedded: Option<&Path>,
) -> Result<Vec<String>> {
    let build = || extension::build(tree, target, python, Serves::All);
    let built = fault.planted(sh, build)?;
    Ok(red(sh, python, &built, embedded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::assert_all_apply;

    #[test]
    fn every_fault_applies_to_this_workspace() {
        assert_all_apply(FAULTS);
    }
}
