use example::journal_factory::{create_journal, Journal, JournalConfig, JournalError, JournalKind};

const KINDS: [JournalKind; 3] = [JournalKind::Plain, JournalKind::Signed, JournalKind::Tagged];

/// A configuration whose author fits its kind.
fn config_of(kind: JournalKind) -> JournalConfig {
    let author = match kind {
        JournalKind::Plain => "",
        JournalKind::Signed => "Ada King",
        JournalKind::Tagged => "ak",
    };
    JournalConfig::new(kind).with_author(author)
}

/// A journal whose author fits its kind.
fn journal_of(kind: JournalKind, max_length: usize) -> Box<dyn Journal> {
    create_journal(config_of(kind).with_max_length(max_length)).unwrap()
}

// happy path: plain keeps `p: t`, signed `p: t (a)` and tagged `[a] p: t`.
#[test]
fn every_kind_keeps_in_its_own_way() {
    let cases = [
        (JournalKind::Plain, "", "saw: blade changed"),
        (
            JournalKind::Signed,
            "Ada King",
            "saw: blade changed (Ada King)",
        ),
        (JournalKind::Tagged, "ak", "[ak] saw: blade changed"),
    ];
    for (kind, author, expected) in cases {
        let config = JournalConfig::new(kind).with_author(author);
        let mut journal = create_journal(config).unwrap();
        journal.write("saw", "blade changed").unwrap();
        assert_eq!(journal.lines(), [expected]);
    }
}

// happy path: every kind gives the lines in the order of writing, none at first.
#[test]
fn lines_are_in_the_order_of_writing() {
    for kind in KINDS {
        let mut journal = journal_of(kind, 120);
        assert!(journal.lines().is_empty());
        journal.write("saw", "").unwrap();
        journal.write("drill", "greased").unwrap();
        assert_eq!(journal.lines().len(), 2);
        assert!(journal.lines()[1].contains("greased"));
    }
}

// happy path: a kind is parsed from its name.
#[test]
fn kind_is_parsed_from_its_name() {
    let cases = [
        ("plain", JournalKind::Plain),
        ("signed", JournalKind::Signed),
        ("tagged", JournalKind::Tagged),
    ];
    for (name, expected) in cases {
        assert_eq!(name.parse::<JournalKind>(), Ok(expected));
    }
}

// happy path: a new configuration has the limit 120.
#[test]
fn default_of_max_length_applies() {
    for kind in KINDS {
        let mut journal = create_journal(config_of(kind)).unwrap();
        assert_eq!(journal.write("saw", &"x".repeat(120)), Ok(()));
        let error = journal.write("saw", &"x".repeat(121)).unwrap_err();
        let expected = JournalError::TextTooLong {
            length: 121,
            limit: 120,
        };
        assert_eq!(error, expected);
    }
}

// error: any other kind than plain, signed and tagged is refused.
#[test]
fn unknown_kind_is_refused() {
    for name in ["", "fancy", "other"] {
        let error = name.parse::<JournalKind>().unwrap_err();
        assert_eq!(error, JournalError::UnknownKind(name.to_string()));
    }
}

// error: an author that does not fit is refused: signed needs a space, tagged 2 to 4 characters,
// plain takes any.
#[test]
fn author_that_does_not_fit_is_refused() {
    let cases = [
        (JournalKind::Signed, ""),
        (JournalKind::Signed, "Ada"),
        (JournalKind::Tagged, ""),
        (JournalKind::Tagged, "a"),
        (JournalKind::Tagged, "abcde"),
    ];
    for (kind, author) in cases {
        let config = JournalConfig::new(kind).with_author(author);
        let error = create_journal(config).unwrap_err();
        assert_eq!(error, JournalError::InvalidAuthor(author.to_string()));
    }
}

// error: every kind refuses a limit outside 1 to 500.
#[test]
fn invalid_max_length_is_refused() {
    for kind in KINDS {
        for max_length in [0, 501] {
            let config = config_of(kind).with_max_length(max_length);
            let error = create_journal(config).unwrap_err();
            assert_eq!(error, JournalError::InvalidMaxLength(max_length));
        }
    }
}

// error: every kind refuses a blank topic and a long text, and keeps nothing.
#[test]
fn invalid_line_is_refused_by_every_kind() {
    for kind in KINDS {
        let mut journal = journal_of(kind, 5);
        for topic in ["", "  "] {
            let error = journal.write(topic, "text").unwrap_err();
            assert_eq!(error, JournalError::BlankTopic);
        }
        let error = journal.write("saw", "123456").unwrap_err();
        let expected = JournalError::TextTooLong {
            length: 6,
            limit: 5,
        };
        assert_eq!(error, expected);
        assert!(journal.lines().is_empty());
    }
}

// edge case: tagged accepts an author of 2 and of 4 characters.
#[test]
fn author_at_the_limits_is_accepted() {
    for author in ["éa", "abcd"] {
        let config = JournalConfig::new(JournalKind::Tagged).with_author(author);
        assert!(create_journal(config).is_ok());
    }
}

// edge case: every kind accepts a text of exactly the limit, counted in characters.
#[test]
fn limits_of_max_length_are_accepted() {
    for kind in KINDS {
        for max_length in [1, 500] {
            let mut journal = journal_of(kind, max_length);
            let text = "é".repeat(max_length);
            journal.write("saw", &text).unwrap();
            assert!(journal.lines()[0].contains(&text));
        }
    }
}

// edge case: every error displays as a message.
#[test]
fn every_error_displays_as_a_message() {
    let errors = [
        JournalError::UnknownKind("fancy".to_string()),
        JournalError::InvalidAuthor("Ada".to_string()),
        JournalError::InvalidMaxLength(0),
        JournalError::BlankTopic,
        JournalError::TextTooLong {
            length: 6,
            limit: 5,
        },
    ];
    for error in errors {
        assert!(!error.to_string().is_empty(), "{error:?} has no message");
    }
}
