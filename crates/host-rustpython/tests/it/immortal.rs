//! Module-level variables that several threads read.

use crate::binary::{Module, output, python};

/// A variable stays counted if only its creator reads it, or if a function created it.
#[test]
fn a_module_level_variable_becomes_immortal_when_another_thread_reads_it() {
    let code = "
import sys, threading
from contextvars import ContextVar

def read_on_another_thread(variable):
    thread = threading.Thread(target=variable.get)
    thread.start()
    thread.join()

def made_in_a_function():
    return ContextVar('made in a function', default=1)

made_in_a_function = made_in_a_function()
of_the_module = ContextVar('of the module', default=1)
print(of_the_module.get(), sys.getrefcount(of_the_module) < 10)
read_on_another_thread(of_the_module)
read_on_another_thread(made_in_a_function)
print(sys.getrefcount(of_the_module) < 10, sys.getrefcount(made_in_a_function) < 10)
";
    let printed = output(python(Module::Ours).args(["-c", code])).unwrap();
    assert_eq!(printed, "1 True\nFalse True\n");
}
