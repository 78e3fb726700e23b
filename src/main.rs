//! The program `codegen`: arguments → application → exit code.

fn main() -> std::process::ExitCode {
    codegen::cli::main()
}
