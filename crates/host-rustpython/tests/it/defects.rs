//! Scripts that each show one defect of RustPython's own module.

use crate::binary::{Module, output, python, scripts};

#[test]
fn each_fails_on_the_built_in_module_and_passes_on_this_one() {
    let scripts = scripts("defects");
    assert!(scripts.len() >= 7, "{scripts:?}");
    for script in scripts {
        if let Err(why) = output(python(Module::Ours).arg(&script)) {
            panic!("{} on this crate's module: {why}", script.display());
        }
        let built_in = output(python(Module::BuiltIn).arg(&script));
        let why = built_in.expect_err("RustPython has fixed the defect: remove the script");
        let said = ["AssertionError", "TypeError: cannot create weak reference"];
        assert!(
            said.iter().any(|said| why.contains(said)),
            "{}: {why}",
            script.display()
        );
    }
}
