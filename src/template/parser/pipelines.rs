//! Pipelines and the variables that they set.

use super::super::lexer::{Keyword, Token, TokenKind};
use super::super::tree::{NodeId, NodeKind};
use super::{Outcome, Parser};

impl Parser<'_> {
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Outcome<NodeId> {
        let start = self.peek_visible().start;
        let mut variables = Vec::new();
        let is_assignment = self.declarations(context, &mut variables)?;
        let mut commands = Vec::new();
        loop {
            let token = self.next_visible();
            match token.kind {
                kind if kind == end => break,
                TokenKind::Bool
                | TokenKind::CharConstant
                | TokenKind::Complex
                | TokenKind::Keyword(Keyword::Dot | Keyword::Nil)
                | TokenKind::Field
                | TokenKind::Identifier
                | TokenKind::Number
                | TokenKind::RawString
                | TokenKind::String
                | TokenKind::Variable
                | TokenKind::LeftParenthesis => {
                    self.backup();
                    commands.push(self.command()?);
                }
                _ => return self.unexpected(&token, context),
            }
        }
        self.check_pipeline(&commands, context)?;
        Ok(self.add(start, start, NodeKind::Pipeline { is_assignment, variables, commands }))
    }

    /// `$x :=`, `$x =`, `$i, $x :=`. The answer: whether it is an assignment.
    fn declarations(&mut self, context: &str, variables: &mut Vec<NodeId>) -> Outcome<bool> {
        loop {
            let variable = self.peek_visible();
            if variable.kind != TokenKind::Variable {
                return Ok(false);
            }
            self.next();
            let after = self.peek();
            let next = self.peek_visible();
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    self.next_visible();
                    self.declare(&variable, variables);
                    return Ok(next.kind == TokenKind::Assign);
                }
                TokenKind::Char if self.text_of(&next) == "," => {
                    self.next_visible();
                    self.declare(&variable, variables);
                    if context != "range" || variables.len() >= 2 {
                        return self.error(format!("too many declarations in {context}"));
                    }
                    match self.peek_visible().kind {
                        TokenKind::Variable | TokenKind::RightDelimiter | TokenKind::RightParenthesis => {}
                        _ => return self.error("range can only initialize variables"),
                    }
                }
                _ => {
                    if after.kind == TokenKind::Space {
                        self.backup_to_both(variable, after);
                    } else {
                        self.backup_to(variable);
                    }
                    return Ok(false);
                }
            }
        }
    }

    fn declare(&mut self, token: &Token, variables: &mut Vec<NodeId>) {
        let name = self.text_of(token).to_owned();
        let end = std::mem::replace(&mut self.consumed_end, token.end as u32);
        let node = self.variable(token.start, token.start, &name);
        self.consumed_end = end;
        if let NodeKind::Variable { symbol, .. } = *self.kind_of(node) {
            self.body.variables.push(symbol);
        }
        variables.push(node);
    }

    fn check_pipeline(&self, commands: &[NodeId], context: &str) -> Outcome<()> {
        if commands.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            let NodeKind::Command(arguments) = self.kind_of(*command) else { continue };
            if arguments.first().is_some_and(|first| self.is_constant(*first)) {
                return self.error(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        Ok(())
    }

    pub(super) fn is_constant(&self, id: NodeId) -> bool {
        matches!(
            self.kind_of(id),
            NodeKind::Bool(_) | NodeKind::Dot | NodeKind::Nil | NodeKind::Number(_) | NodeKind::String { .. }
        )
    }
}
