//! The suite: the program as people run it, on real git repositories, with real child processes and compilers, and a model
//! behind real HTTP.
//!
//! Missing tools are told loudly as skipped; nothing here needs a network beyond this machine.

mod support;
