use example::log_formatter_factory::{
    create_log_formatter, LogFormatterConfig, LogFormatterError, LogFormatterKind,
};

const KINDS: [LogFormatterKind; 3] = [
    LogFormatterKind::Plain,
    LogFormatterKind::Tagged,
    LogFormatterKind::Keyed,
];

// happy path: every kind formats a message in its own way.
#[test]
fn every_kind_formats_in_its_own_way() {
    let cases = [
        (LogFormatterKind::Plain, "started up"),
        (LogFormatterKind::Tagged, "[search] started up"),
        (LogFormatterKind::Keyed, "service=search message=started up"),
    ];
    for (kind, expected) in cases {
        let config = LogFormatterConfig::new(kind).with_service("search");
        let formatter = create_log_formatter(config).unwrap();
        assert_eq!(formatter.format("started up"), Ok(expected.to_string()));
    }
}

// happy path: a kind is parsed from its name.
#[test]
fn kind_is_parsed_from_its_name() {
    let cases = [
        ("plain", LogFormatterKind::Plain),
        ("tagged", LogFormatterKind::Tagged),
        ("keyed", LogFormatterKind::Keyed),
    ];
    for (name, expected) in cases {
        assert_eq!(name.parse::<LogFormatterKind>(), Ok(expected));
    }
}

// happy path: a new configuration has the service app and the limit 200.
#[test]
fn defaults_apply_to_a_new_configuration() {
    let config = LogFormatterConfig::new(LogFormatterKind::Tagged);
    let formatter = create_log_formatter(config).unwrap();
    let message = "x".repeat(200);
    assert_eq!(formatter.format(&message), Ok(format!("[app] {message}")));
    let error = formatter.format(&"x".repeat(201)).unwrap_err();
    let expected = LogFormatterError::MessageTooLong {
        length: 201,
        limit: 200,
    };
    assert_eq!(error, expected);
}

// error: an unknown name of a kind is refused.
#[test]
fn unknown_kind_is_refused() {
    for name in ["", "Plain", "fancy"] {
        let error = name.parse::<LogFormatterKind>().unwrap_err();
        assert_eq!(error, LogFormatterError::UnknownKind(name.to_string()));
    }
}

// error: an empty service is refused.
#[test]
fn empty_service_is_refused() {
    let config = LogFormatterConfig::new(LogFormatterKind::Plain).with_service("");
    let error = create_log_formatter(config).unwrap_err();
    assert_eq!(error, LogFormatterError::EmptyService);
}

// error: a limit outside 1 to 1000 is refused.
#[test]
fn invalid_max_length_is_refused() {
    for max_length in [0, 1001] {
        let config = LogFormatterConfig::new(LogFormatterKind::Plain).with_max_length(max_length);
        let error = create_log_formatter(config).unwrap_err();
        assert_eq!(error, LogFormatterError::InvalidMaxLength(max_length));
    }
}

// error: every kind refuses a blank message and one that is too long.
#[test]
fn invalid_message_is_refused_by_every_kind() {
    for kind in KINDS {
        let config = LogFormatterConfig::new(kind).with_max_length(5);
        let formatter = create_log_formatter(config).unwrap();
        let error = formatter.format("").unwrap_err();
        assert_eq!(error, LogFormatterError::BlankMessage);
        let error = formatter.format("  ").unwrap_err();
        assert_eq!(error, LogFormatterError::BlankMessage);
        let error = formatter.format("123456").unwrap_err();
        let expected = LogFormatterError::MessageTooLong {
            length: 6,
            limit: 5,
        };
        assert_eq!(error, expected);
    }
}

// edge case: the smallest and the largest limit are accepted.
#[test]
fn limits_of_max_length_are_accepted() {
    for max_length in [1, 1000] {
        let config = LogFormatterConfig::new(LogFormatterKind::Plain).with_max_length(max_length);
        let formatter = create_log_formatter(config).unwrap();
        let message = "x".repeat(max_length);
        assert_eq!(formatter.format(&message), Ok(message));
    }
}

// edge case: characters are counted, not bytes, and spaces are kept.
#[test]
fn characters_are_counted_and_spaces_kept() {
    let config = LogFormatterConfig::new(LogFormatterKind::Plain).with_max_length(5);
    let formatter = create_log_formatter(config).unwrap();
    assert_eq!(formatter.format(" äöü "), Ok(" äöü ".to_string()));
}

// edge case: every error displays as a message.
#[test]
fn every_error_displays_as_a_message() {
    let errors = [
        LogFormatterError::UnknownKind("fancy".to_string()),
        LogFormatterError::EmptyService,
        LogFormatterError::InvalidMaxLength(0),
        LogFormatterError::BlankMessage,
        LogFormatterError::MessageTooLong {
            length: 6,
            limit: 5,
        },
    ];
    for error in errors {
        assert!(!error.to_string().is_empty(), "{error:?} has no message");
    }
}
