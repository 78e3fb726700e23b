//! The address of a remote: which server, and which repository there.

use super::Slug;

/// A remote that may be on GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The host, with its port where the address has one.
    pub host: String,
    /// Owner and name.
    pub slug: Slug,
}

impl Remote {
    /// Whether the remote is on the server with this address, whose token would otherwise go to strangers.
    pub fn is_on(&self, server_url: &str) -> bool {
        let host = |text: &str| {
            let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
            let authority = rest.split('/').next().unwrap_or_default();
            authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase()
        };
        let (mine, server) = (self.host.to_ascii_lowercase(), host(server_url));
        mine == server || (mine == "ssh.github.com" && server == "github.com")
    }
}

/// Reads host, owner and name from the address of a remote.
pub fn remote_of(address: &str) -> Option<Remote> {
    let rest = address.trim().trim_end_matches('/').trim_end_matches(".git");
    let (authority, path, ssh) = if let Some((scheme, rest)) = rest.split_once("://") {
        let (authority, path) = rest.split_once('/')?;
        (authority, path, scheme == "ssh" || scheme == "git+ssh")
    } else {
        let (authority, path) = rest.split_once(':')?;
        (authority, path, true)
    };
    let host = authority.rsplit('@').next()?;
    // The port of SSH is not that of the web server.
    let host = if ssh { host.split(':').next()? } else { host };
    let (owner, name) = path.rsplit_once('/')?;
    let owner = owner.rsplit('/').next()?;
    let slug = Slug::parse(&format!("{owner}/{name}"))?;
    (!host.is_empty()).then(|| Remote { host: host.to_owned(), slug })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes_of_every_form_are_read() {
        for (remote, host) in [
            ("https://github.com/acme/shop.git", "github.com"),
            ("https://x-access-token:t@github.com/acme/shop", "github.com"),
            ("git@github.com:acme/shop.git", "github.com"),
            ("ssh://git@github.com:22/acme/shop.git", "github.com"),
            ("https://ghe.example/git/acme/shop/", "ghe.example"),
            ("http://127.0.0.1:8080/acme/shop.git", "127.0.0.1:8080"),
        ] {
            let slug = Slug { owner: "acme".into(), name: "shop".into() };
            assert_eq!(remote_of(remote), Some(Remote { host: host.into(), slug }), "{remote}");
        }
        assert_eq!(remote_of("/srv/git"), None);
        assert_eq!(remote_of("https://github.com/acme/sh op"), None);
    }

    #[test]
    fn a_token_stays_on_its_server() {
        for (remote, server, on) in [
            ("https://github.com/a/b", "https://github.com", true),
            ("git@GitHub.com:a/b", "https://github.com", true),
            ("https://gitlab.com/a/b", "https://github.com", false),
            ("https://github.com.evil.example/a/b", "https://github.com", false),
            ("http://127.0.0.1:1/a/b", "http://127.0.0.1:2", false),
        ] {
            assert_eq!(remote_of(remote).unwrap().is_on(server), on, "{remote}");
        }
    }
}
