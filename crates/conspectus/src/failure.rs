//! What went wrong, sorted for whoever has to act on it: exit code, HTTP status, hint.

use std::fmt;

use engine::EngineError;

/// Who can do something about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command line is wrong: exit code 2, HTTP 400.
    Usage,
    /// What was given to read cannot be read: exit code 3, HTTP 404.
    Input,
    /// The configuration is wrong: exit code 4, HTTP 500.
    Config,
    /// The index is locked, missing, too new or damaged: exit code 5, HTTP 503.
    Unavailable,
    /// A fault of ours: exit code 1, HTTP 500, the cause goes to the log only.
    Internal,
}

impl Kind {
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Config => 4,
            Self::Unavailable => 5,
        }
    }

    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Usage => 400,
            Self::Input => 404,
            Self::Unavailable => 503,
            Self::Config | Self::Internal => 500,
        }
    }
}

/// Exit code after Ctrl-C, as shells have it (128 + SIGINT).
pub(crate) const INTERRUPTED: u8 = 130;

/// A failure that knows its kind and its way out.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Kind and hint of any error that reaches the edge.
pub(crate) fn sort(error: &anyhow::Error) -> (Kind, Option<String>) {
    for cause in error.chain() {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return (failure.kind, failure.hint.clone());
        }
        if let Some(engine) = cause.downcast_ref::<EngineError>()
            && of_engine(engine) != Kind::Internal
        {
            return (of_engine(engine), hint_of_engine(engine));
        }
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            use std::io::ErrorKind;
            return match io.kind() {
                ErrorKind::NotFound | ErrorKind::PermissionDenied => (Kind::Input, None),
                ErrorKind::AddrInUse => (
                    Kind::Unavailable,
                    Some("another program listens there; choose a port with --listen".to_owned()),
                ),
                ErrorKind::StorageFull => (
                    Kind::Unavailable,
                    Some("free some space and run it again".to_owned()),
                ),
                _ => (Kind::Internal, None),
            };
        }
    }
    (Kind::Internal, None)
}

fn of_engine(error: &EngineError) -> Kind {
    match error {
        EngineError::Locked { .. }
        | EngineError::NewerFormat { .. }
        | EngineError::BrokenStore { .. }
        | EngineError::Behind { .. }
        | EngineError::Missing { .. } => Kind::Unavailable,
        _ => Kind::Internal,
    }
}

fn hint_of_engine(error: &EngineError) -> Option<String> {
    Some(match error {
        EngineError::Locked { .. } => {
            "wait until it has ended; what it has committed can be searched meanwhile".to_owned()
        }
        EngineError::NewerFormat { .. } => "use the newer conspectus that wrote it".to_owned(),
        EngineError::BrokenStore { .. } => {
            "restore the folder from a backup, or add the files again into a new --index".to_owned()
        }
        EngineError::Behind { .. } => "run a command on it where it can be written".to_owned(),
        EngineError::Missing { .. } => {
            "make one with `conspectus add PATH`, or name another with --index DIR".to_owned()
        }
        _ => return None,
    })
}
