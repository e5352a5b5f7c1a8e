/* The executables of freeze-core are complete, statically linked CPythons that run a frozen program.
   An executable that loads this library runs as `python` instead: `main` is replaced by
   `Py_BytesMain`. */
#define _GNU_SOURCE
#include <dlfcn.h>

typedef int Main(int, char **, char **);
typedef int Start(Main *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

static int run(int argc, char **argv, char **environment) {
    int (*python)(int, char **) = (int (*)(int, char **))dlsym(RTLD_DEFAULT, "Py_BytesMain");
    (void)environment;
    return python(argc, argv);
}

int __libc_start_main(Main *own, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*loader_fini)(void), void *stack_end) {
    Start *start = (Start *)dlsym(RTLD_NEXT, "__libc_start_main");
    Main *main = dlsym(RTLD_DEFAULT, "Py_BytesMain") ? run : own;
    return start(main, argc, argv, init, fini, loader_fini, stack_end);
}
