//! The environment of child processes: cleared, then filled with what tools need to be found and nothing that is a secret.

use std::ffi::OsString;

/// Variables that are handed on as they are.
const KEPT: [&str; 30] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "TZ",
    "TMPDIR",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "GOPATH",
    "GOCACHE",
    "GOMODCACHE",
    "GOROOT",
    "GOPROXY",
    "GOFLAGS",
    "NVM_DIR",
    "JAVA_HOME",
    "VIRTUAL_ENV",
    "PYENV_ROOT",
    "XDG_CACHE_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "CARGO_HTTP_CAINFO",
    "npm_config_cache",
    "npm_config_offline",
    "npm_config_prefer_offline",
    "CARGO_NET_OFFLINE",
];

/// Proxies are handed on unless their address carries a password.
const PROXIES: [&str; 6] = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];

/// Values every child gets: no colours, no questions, no bytecode beside sources.
const FIXED: [(&str, &str); 7] = [
    ("TERM", "dumb"),
    ("NO_COLOR", "1"),
    ("CI", "true"),
    ("CARGO_TERM_COLOR", "never"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("npm_config_update_notifier", "false"),
];

/// The environment of a child, from the environment of this process.
pub fn child_environment(own: impl IntoIterator<Item = (OsString, OsString)>) -> Vec<(OsString, OsString)> {
    let mut kept: Vec<(OsString, OsString)> = own
        .into_iter()
        .filter(|(name, value)| {
            let Some(name) = name.to_str() else { return false };
            let proxy = PROXIES.contains(&name) && !value.to_string_lossy().contains('@');
            KEPT.contains(&name) || name.starts_with("LC_") || proxy
        })
        .collect();
    kept.extend(FIXED.map(|(name, value)| (OsString::from(name), OsString::from(value))));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_pass() {
        let own = [
            ("PATH", "/bin"),
            ("OPENAI_API_KEY", "sk-1"),
            ("GITHUB_TOKEN", "ghs_1"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("SSH_AUTH_SOCK", "/tmp/agent"),
            ("HTTPS_PROXY", "http://user:password@proxy:1"),
            ("HTTP_PROXY", "http://proxy:1"),
            ("LC_ALL", "C"),
        ];
        let own = own.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let names: Vec<String> =
            child_environment(own).into_iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
        let passed: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| FIXED.iter().all(|(fixed, _)| fixed != name)).collect();
        assert_eq!(passed, ["PATH", "HTTP_PROXY", "LC_ALL"]);
    }
}
