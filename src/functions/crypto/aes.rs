//! Sprig's encryption: AES-256 in CBC mode under a password that is cut or filled with zeros to a key.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes256, Block};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::functions::encodings::decode_base64;
use crate::functions::sources::Stream;

const BLOCK: usize = 16;

/// The start vector and the encrypted text, in base64. Nothing for nothing.
pub(super) fn encrypt(stream: &mut Stream, password: &[u8], plain: &[u8]) -> String {
    if plain.is_empty() {
        return String::new();
    }
    let cipher = Aes256::new(&Array(key(password)));
    let mut previous = [0; BLOCK];
    stream.fill(&mut previous);
    let padding = BLOCK - plain.len() % BLOCK;
    let padded = [plain, &vec![padding as u8; padding]].concat();
    let mut out = previous.to_vec();
    for chunk in padded.chunks_exact(BLOCK) {
        let mut block = Block::from(previous);
        block.iter_mut().zip(chunk).for_each(|(byte, plain)| *byte ^= plain);
        cipher.encrypt_block(&mut block);
        previous = block.into();
        out.extend_from_slice(&previous);
    }
    STANDARD.encode(out)
}

/// The plain text, or Go's complaint, which is mostly that of a slice out of bounds: nothing is checked before.
pub(super) fn decrypt(password: &[u8], encrypted: &[u8]) -> Result<Vec<u8>, String> {
    if encrypted.is_empty() {
        return Ok(Vec::new());
    }
    let bytes = decode_base64(encrypted).map_err(|place| format!("illegal base64 data at input byte {place}"))?;
    // Go's buffer is as long as the text could have been at most.
    let capacity = encrypted.len() / 4 * 3;
    if capacity < BLOCK {
        return Err(format!("runtime error: slice bounds out of range [:{BLOCK}] with capacity {capacity}"));
    }
    let Some((start, body)) = bytes.split_at_checked(BLOCK) else {
        return Err(format!("runtime error: slice bounds out of range [{BLOCK}:{}]", bytes.len()));
    };
    if body.len() % BLOCK != 0 {
        return Err("crypto/cipher: input not full blocks".to_owned());
    }
    let plain = decrypt_blocks(&Aes256::new(&Array(key(password))), start, body);
    let Some(padding) = plain.last() else { return Err("runtime error: index out of range [-1]".to_owned()) };
    let length = plain.len() as i64 - i64::from(*padding);
    let length =
        usize::try_from(length).map_err(|_| format!("runtime error: slice bounds out of range [:{length}]"))?;
    Ok(plain[..length].to_vec())
}

fn decrypt_blocks(cipher: &Aes256, start: &[u8], body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(body.len());
    let mut previous = start;
    for chunk in body.chunks_exact(BLOCK) {
        let mut block = Block::default();
        block.copy_from_slice(chunk);
        cipher.decrypt_block(&mut block);
        plain.extend(block.iter().zip(previous).map(|(byte, previous)| byte ^ previous));
        previous = chunk;
    }
    plain
}

fn key(password: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let length = password.len().min(key.len());
    key[..length].copy_from_slice(&password[..length]);
    key
}
