//! Calibrations: read, and not kept.

use crate::lex::{Kw, Tok};
use crate::parse::{Parse, Parser};

impl Parser<'_> {
    pub(super) fn calibration_grammar(&mut self) -> Parse<()> {
        self.at += 1;
        if !matches!(self.kind(), Tok::Str | Tok::BitString) {
            return Err(self.expected_help(
                "the grammar's name in quotes",
                "as in `defcalgrammar \"openpulse\";`",
            ));
        }
        self.at += 1;
        self.semicolon("the grammar's name")
    }

    pub(super) fn cal(&mut self) -> Parse<()> {
        self.at += 1;
        self.calibration_body()
    }

    fn calibration_body(&mut self) -> Parse<()> {
        self.expect("{", "to open the calibration")?;
        if self.kind() == Tok::CalBody {
            self.at += 1;
        }
        self.expect("}", "to close the calibration")?;
        Ok(())
    }

    pub(super) fn defcal(&mut self) -> Parse<()> {
        self.at += 1;
        if let Tok::Kw(Kw::Measure | Kw::Reset | Kw::Delay) = self.kind() {
            self.at += 1;
        } else {
            self.name("the name of a gate")?;
        }
        if self.eat("(") {
            self.list(")", "the parameters", Self::calibration_parameter)?;
        }
        loop {
            if !matches!(self.kind(), Tok::Ident | Tok::Hardware) {
                return Err(self.expected_help("a qubit", "as in `defcal x $0 { … }`"));
            }
            self.at += 1;
            if !self.eat(",") || self.is("{") || self.is("->") {
                break;
            }
        }
        if self.eat("->") {
            self.scalar_type()?;
        }
        self.calibration_body()
    }

    /// `angle[20] theta`, or an expression.
    fn calibration_parameter(&mut self) -> Parse<()> {
        if let Tok::Kw(kw) = self.kind()
            && (Self::is_type(kw)
                || matches!(kw, Kw::Qubit | Kw::Creg | Kw::Qreg | Kw::Mutable | Kw::Readonly))
        {
            self.parameter()?;
        } else {
            self.expr()?;
        }
        Ok(())
    }
}
