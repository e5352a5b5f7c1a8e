//! Scripts that each show one thing that RustPython's own module gets wrong.

use crate::binary::{Module, output, python, scripts};

#[test]
fn each_fails_on_the_built_in_module_and_passes_on_ours() {
    let scripts = scripts("defects");
    assert!(scripts.len() >= 7, "{scripts:?}");
    for script in scripts {
        if let Err(why) = output(python(Module::Ours).arg(&script)) {
            panic!("{} on ours: {why}", script.display());
        }
        let built_in = output(python(Module::BuiltIn).arg(&script));
        let why = built_in.expect_err("the defect is gone: take the script out");
        let said = ["AssertionError", "TypeError: cannot create weak reference"];
        assert!(
            said.iter().any(|said| why.contains(said)),
            "{}: {why}",
            script.display()
        );
    }
}
