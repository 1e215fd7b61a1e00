package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Claims is what this service needs of an access token.
type Claims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  Audience `json:"aud"`
	ExpiresAt int64    `json:"exp"`
	IssuedAt  int64    `json:"iat"`
	Scope     string   `json:"scope"`
	Roles     []string `json:"roles"`
}

// Audience is one name or several: a JWT writes a single one without brackets.
type Audience []string

// UnmarshalJSON reads both forms.
func (audience *Audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*audience = Audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(audience))
}

// Verifier checks access tokens of one issuer for one audience.
type Verifier struct {
	issuer, audience string
	keys             *Keys
}

// NewVerifier makes a verifier; it fetches the keys with the first token.
func NewVerifier(issuer, audience string) *Verifier {
	return &Verifier{issuer, audience, NewKeys(issuer + "/.well-known/jwks.json")}
}

// Verify returns the claims of the bearer token in the values of the Authorization header.
func (verifier *Verifier) Verify(ctx context.Context, authorization []string) (*Claims, error) {
	if len(authorization) != 1 {
		return nil, errors.New("one Authorization header is needed")
	}
	scheme, token, _ := strings.Cut(authorization[0], " ")
	parts := strings.Split(token, ".")
	if !strings.EqualFold(scheme, "bearer") || len(parts) != 3 {
		return nil, errors.New("no bearer token")
	}
	if err := verifier.checkSignature(ctx, parts); err != nil {
		return nil, err
	}
	var claims Claims
	if err := decode(parts[1], &claims); err != nil {
		return nil, err
	}
	return &claims, verifier.check(&claims, time.Now())
}

func (verifier *Verifier) checkSignature(ctx context.Context, parts []string) error {
	var header struct {
		Algorithm string   `json:"alg"`
		Type      string   `json:"typ"`
		KeyID     string   `json:"kid"`
		Critical  []string `json:"crit"`
	}
	if err := decode(parts[0], &header); err != nil {
		return err
	}
	// Trap: a library that takes the algorithm from the token, or that ignores `typ`, accepts tokens
	// that are no access tokens.
	if header.Algorithm != "RS256" || header.Type != "at+jwt" || header.Critical != nil {
		return errors.New("not an access token")
	}
	key, err := verifier.keys.Find(ctx, header.KeyID)
	if err != nil {
		return err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
}

// check compares the claims. Trap: a claim that is missing reads as "" or 0, and must not pass.
func (verifier *Verifier) check(claims *Claims, now time.Time) error {
	switch {
	case claims.Issuer != verifier.issuer:
		return errors.New("wrong issuer")
	case !contains(claims.Audience, verifier.audience):
		return errors.New("wrong audience")
	case claims.ExpiresAt <= now.Add(-leeway).Unix():
		return errors.New("expired")
	case claims.IssuedAt == 0 || claims.IssuedAt > now.Add(leeway).Unix():
		return errors.New("not issued yet")
	case claims.Subject == "":
		return errors.New("no subject")
	}
	return nil
}

func contains(names []string, name string) bool {
	for _, it := range names {
		if it == name {
			return true
		}
	}
	return false
}

func decode(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// leeway is for clocks that differ.
const leeway = 30 * time.Second
