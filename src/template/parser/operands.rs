//! Commands and what they are made of.

use std::rc::Rc;

use super::super::builtin::Builtin;
use super::super::error::ParseError;
use super::super::lexer::{Keyword, Token, TokenKind};
use super::super::number::{Number, parse_character, parse_complex, parse_number};
use super::super::quote::quote;
use super::super::stack;
use super::super::suggestion::suggest;
use super::super::text::Text;
use super::super::tree::{Callee, NodeId, NodeKind, Symbol};
use super::{Outcome, Parser};

/// Go's limit for expressions in parentheses within each other.
const MAXIMUM_EXPRESSION_DEPTH: usize = 10_000;

impl Parser<'_> {
    pub(super) fn command(&mut self) -> Outcome<NodeId> {
        let start = self.peek_visible().start;
        let mut arguments = Vec::new();
        let mut end = self.consumed_end;
        loop {
            self.peek_visible();
            if let Some(operand) = self.operand()? {
                arguments.push(operand);
                end = self.consumed_end;
            }
            let token = self.next();
            match token.kind {
                TokenKind::Space => continue,
                TokenKind::RightDelimiter | TokenKind::RightParenthesis => self.backup(),
                TokenKind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if arguments.is_empty() {
            return self.error("empty command");
        }
        self.consumed_end = end;
        Ok(self.add(start, start, NodeKind::Command(arguments)))
    }

    /// A term, perhaps with fields behind it.
    fn operand(&mut self) -> Outcome<Option<NodeId>> {
        let Some(node) = self.term()? else { return Ok(None) };
        let field = self.peek();
        if field.kind != TokenKind::Field {
            return Ok(Some(node));
        }
        let mut names: Vec<Rc<str>> = Vec::new();
        while self.peek().kind == TokenKind::Field {
            let token = self.next();
            names.push(Rc::from(&self.text_of(&token)[1..]));
        }
        if self.is_constant(node) {
            return self.error(format!("unexpected . after term {}", quote(self.print_constant(node).as_bytes())));
        }
        let (end, position) = (self.consumed_end, field.start as u32);
        let first = &mut self.body.nodes[node.0 as usize];
        match &mut first.kind {
            NodeKind::Field(fields) | NodeKind::Variable { fields, .. } => {
                fields.append(&mut names);
                first.position = position;
                first.end = end;
                Ok(Some(node))
            }
            _ => {
                let start = first.start as usize;
                Ok(Some(self.add(field.start, start, NodeKind::Chain { node, fields: names })))
            }
        }
    }

    fn print_constant(&self, id: NodeId) -> String {
        match self.kind_of(id) {
            NodeKind::Bool(value) => value.to_string(),
            NodeKind::Dot => ".".to_owned(),
            NodeKind::Number(number) => number.text.clone(),
            NodeKind::String { quoted, .. } => {
                let range = quoted.start as usize..quoted.end as usize;
                String::from_utf8_lossy(&self.source.as_bytes()[range]).into_owned()
            }
            _ => "nil".to_owned(),
        }
    }

    fn term(&mut self) -> Outcome<Option<NodeId>> {
        let token = self.next_visible();
        let kind = match token.kind {
            TokenKind::Identifier => self.identifier(&token)?,
            TokenKind::Keyword(Keyword::Dot) => NodeKind::Dot,
            TokenKind::Keyword(Keyword::Nil) => NodeKind::Nil,
            TokenKind::Variable => return self.used_variable(&token).map(Some),
            TokenKind::Field => NodeKind::Field(vec![Rc::from(&self.text_of(&token)[1..])]),
            TokenKind::Bool => NodeKind::Bool(self.text_of(&token) == "true"),
            TokenKind::CharConstant => self.number(&token, parse_character)?,
            TokenKind::Complex => self.number(&token, parse_complex)?,
            TokenKind::Number => self.number(&token, parse_number)?,
            TokenKind::String | TokenKind::RawString => NodeKind::String {
                quoted: token.start as u32..token.end as u32,
                text: Text::from(self.unquoted(&token)?),
            },
            TokenKind::LeftParenthesis => return self.parenthesized(&token).map(Some),
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(self.add(token.start, token.start, kind)))
    }

    fn parenthesized(&mut self, token: &Token) -> Outcome<NodeId> {
        if self.body.expression_depth >= MAXIMUM_EXPRESSION_DEPTH {
            return self.error("max expression depth exceeded");
        }
        self.body.expression_depth += 1;
        let pipeline = stack::grow(|| self.pipeline("parenthesized pipeline", TokenKind::RightParenthesis))?;
        self.body.expression_depth -= 1;
        self.body.nodes[pipeline.0 as usize].start = token.start as u32;
        Ok(pipeline)
    }

    fn identifier(&self, token: &Token) -> Outcome<NodeKind> {
        let name = self.text_of(token);
        let callee = match self.functions.get(name) {
            Some(function) => Callee::Function(Rc::clone(function)),
            None => match Builtin::named(name) {
                Some(builtin) => Callee::Builtin(builtin),
                None => return self.unknown_function(token, name),
            },
        };
        Ok(NodeKind::Identifier { name: Rc::from(name), callee })
    }

    fn unknown_function<T>(&self, token: &Token, name: &str) -> Outcome<T> {
        let own = Builtin::names().map(|known| -> &str { known });
        let suggestions = suggest(name, self.functions.names().chain(own));
        self.error(format!("function {} not defined", quote(name.as_bytes()))).map_err(|mut error: Box<ParseError>| {
            error.offset = token.start;
            error.suggestions = suggestions;
            error
        })
    }

    fn number(&self, token: &Token, parse: fn(&str) -> Result<Number, String>) -> Outcome<NodeKind> {
        match parse(self.text_of(token)) {
            Ok(number) => Ok(NodeKind::Number(Box::new(number))),
            Err(message) => self.error(message),
        }
    }

    fn used_variable(&mut self, token: &Token) -> Outcome<NodeId> {
        let name = self.text_of(token).to_owned();
        let node = self.variable(token.start, token.start, &name);
        if let NodeKind::Variable { symbol, .. } = self.kind_of(node)
            && self.body.variables.contains(symbol)
        {
            return Ok(node);
        }
        let suggestions = suggest(&name, self.body.variables.iter().map(|symbol| &*self.symbols[symbol.0 as usize]));
        self.error(format!("undefined variable {}", quote(name.as_bytes()))).map_err(|mut error: Box<ParseError>| {
            error.offset = token.start;
            error.suggestions = suggestions;
            error
        })
    }

    pub(super) fn variable(&mut self, position: usize, start: usize, name: &str) -> NodeId {
        let known = self.symbols.iter().position(|symbol| &**symbol == name);
        let index = known.unwrap_or_else(|| {
            self.symbols.push(Rc::from(name));
            self.symbols.len() - 1
        });
        let name = Rc::clone(&self.symbols[index]);
        self.add(position, start, NodeKind::Variable { name, symbol: Symbol(index as u32), fields: Vec::new() })
    }
}
