//! Mail: links that prove an address or reset a password.
//!
//! A request puts its mail into a bounded queue and goes on; a task sends it, and tries a few times.
//! What is in the queue when the server ends is lost: whoever waits for a link asks again. The token
//! stands behind `#` in a link, where no server and no log sees it; following the link shows a page
//! with a button, so that programs that open links in mails use none up.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use tokio::sync::mpsc;

/// Mails that wait.
const QUEUE: usize = 512;
/// Before the second, third and fourth try.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(20), Duration::from_mins(3)];
const SEND_TIMEOUT: Duration = Duration::from_secs(20);

/// Languages of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}

impl Language {
    /// From `Accept-Language`: the first that there is.
    pub fn accepted(header: Option<&str>) -> Self {
        for range in header.unwrap_or_default().split(',') {
            let tag = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match tag.split('-').next() {
                Some("de") => return Self::German,
                Some("en") => return Self::English,
                _ => {}
            }
        }
        Self::English
    }
}

/// What a mail says.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// Whoever follows the link has the address.
    Verify { token: String },
    /// Whoever follows the link may set a password.
    Reset { token: String },
    /// Somebody signed up with an address that has an account.
    AlreadyHere,
    /// The password was changed: for one who did not do it.
    PasswordChanged,
}

/// A mail that waits to be sent. No `Debug`: it holds a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub language: Language,
    pub content: Content,
}

/// The near end of the queue. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer(mpsc::Sender<Mail>);

impl Mailer {
    /// A queue, and where it comes out.
    pub fn queue() -> (Self, mpsc::Receiver<Mail>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), receiver)
    }

    /// Never waits. A mail that finds the queue full is dropped, with a line in the log: whoever
    /// waits for it asks again, and no answer tells who has an account.
    pub fn send(&self, mail: Mail) {
        if self.0.try_send(mail).is_err() {
            tracing::error!("the queue of mails is full; one was dropped");
        }
    }
}

/// How mail leaves.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// Where the page is, without a slash at the end.
    page: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    #[error("the mail server's address is not understood")]
    Server,
    #[error("the sender's address is not understood: {0}")]
    From(lettre::address::AddressError),
    #[error("the page's address has to begin with https:// or http://")]
    Page,
}

impl Smtp {
    /// `server` is `smtps://USER:PASSWORD@HOST`, `smtp://HOST?tls=required`, or `smtp://HOST:PORT` for
    /// one on this machine. Links lead to `page`.
    pub fn new(server: &str, from: &str, page: &str) -> Result<Self, SmtpError> {
        // The parser's message may quote the password.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(server)
            .map_err(|_| SmtpError::Server)?
            .timeout(Some(SEND_TIMEOUT))
            .build();
        if !(page.starts_with("https://") || page.starts_with("http://")) {
            return Err(SmtpError::Page);
        }
        let from = from.parse().map_err(SmtpError::From)?;
        Ok(Self { transport, from, page: page.trim_end_matches('/').to_owned() })
    }

    /// Sends what comes, one after the other, until the queue's near ends are gone.
    pub async fn run(self, mut queue: mpsc::Receiver<Mail>) {
        while let Some(mail) = queue.recv().await {
            let message = match self.message(&mail) {
                Ok(message) => message,
                Err(error) => {
                    tracing::error!(%error, "a mail cannot be written");
                    continue;
                }
            };
            self.deliver(message).await;
        }
    }

    async fn deliver(&self, message: Message) {
        for pause in PAUSES.into_iter().map(Some).chain([None]) {
            match self.transport.send(message.clone()).await {
                Ok(_) => {
                    metrics::counter!("ketlab_mails_total", "outcome" => "sent").increment(1);
                    return;
                }
                Err(error) => match pause {
                    Some(pause) if !error.is_permanent() => {
                        tracing::warn!(%error, "a mail was not taken; it is tried again");
                        tokio::time::sleep(pause).await;
                    }
                    _ => {
                        metrics::counter!("ketlab_mails_total", "outcome" => "failed").increment(1);
                        tracing::error!(%error, "a mail could not be sent");
                        return;
                    }
                },
            }
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
        let (subject, body) = text(mail, &self.page);
        Ok(Message::builder()
            .from(self.from.clone())
            .to(mail.to.parse()?)
            .subject(subject)
            .header(lettre::message::header::ContentType::TEXT_PLAIN)
            .body(body)?)
    }
}

/// Subject and text.
fn text(mail: &Mail, page: &str) -> (&'static str, String) {
    use Language::{English, German};
    match (&mail.content, mail.language) {
        (Content::Verify { token }, English) => (
            "Confirm your address for Ketlab",
            format!(
                "Somebody, most likely you, gave this address to Ketlab. Confirm within an hour that \
                 it is yours:\n\n{page}/account/verify#{token}\n\nIf it was not you, do nothing: \
                 without this link nobody can use the address.\n"
            ),
        ),
        (Content::Verify { token }, German) => (
            "Bestätige deine Adresse für Ketlab",
            format!(
                "Jemand, vermutlich du, hat diese Adresse bei Ketlab angegeben. Bestätige innerhalb \
                 einer Stunde, dass sie dir gehört:\n\n{page}/account/verify#{token}\n\nWarst du es \
                 nicht, dann tu nichts: ohne diesen Link kann niemand die Adresse verwenden.\n"
            ),
        ),
        (Content::Reset { token }, English) => (
            "A new password for Ketlab",
            format!(
                "Somebody, most likely you, asked for a new password. Set it within an hour:\n\n\
                 {page}/account/reset#{token}\n\nIf it was not you, do nothing: your password stays.\n"
            ),
        ),
        (Content::Reset { token }, German) => (
            "Ein neues Passwort für Ketlab",
            format!(
                "Jemand, vermutlich du, hat ein neues Passwort angefordert. Setze es innerhalb einer \
                 Stunde:\n\n{page}/account/reset#{token}\n\nWarst du es nicht, dann tu nichts: dein \
                 Passwort bleibt.\n"
            ),
        ),
        (Content::AlreadyHere, English) => (
            "You have an account at Ketlab",
            format!(
                "Somebody, most likely you, tried to sign up at Ketlab with this address, which has an \
                 account already. Sign in, or ask for a new password:\n\n{page}/account\n"
            ),
        ),
        (Content::AlreadyHere, German) => (
            "Du hast bereits ein Konto bei Ketlab",
            format!(
                "Jemand, vermutlich du, wollte sich mit dieser Adresse bei Ketlab registrieren. Es gibt \
                 sie dort schon. Melde dich an oder fordere ein neues Passwort an:\n\n{page}/account\n"
            ),
        ),
        (Content::PasswordChanged, English) => (
            "Your password for Ketlab was changed",
            format!(
                "The password of your account was changed, and all other browsers were signed out. If \
                 it was not you, ask for a new password at once:\n\n{page}/account\n"
            ),
        ),
        (Content::PasswordChanged, German) => (
            "Dein Passwort für Ketlab wurde geändert",
            format!(
                "Das Passwort deines Kontos wurde geändert, alle anderen Browser wurden abgemeldet. \
                 Warst du es nicht, dann fordere sofort ein neues an:\n\n{page}/account\n"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_that_there_is() {
        for (header, language) in [
            (None, Language::English),
            (Some("de-AT, en;q=0.5"), Language::German),
            (Some("fr, de;q=0.3"), Language::German),
            (Some("en-GB,de"), Language::English),
            (Some(";;,"), Language::English),
        ] {
            assert_eq!(Language::accepted(header), language, "{header:?}");
        }
    }

    #[tokio::test]
    async fn a_wrong_setting_is_told_without_its_password() {
        let error = |server, from, page| Smtp::new(server, from, page).err().unwrap().to_string();
        let server = error("ftp://a:canary@b", "lab@example.org", "https://a");
        assert!(!server.contains("canary"), "{server}");
        error("smtp://localhost", "nobody", "https://a");
        error("smtp://localhost", "lab@example.org", "lab.example.org");
    }
}
