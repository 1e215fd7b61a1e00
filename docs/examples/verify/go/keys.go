package main

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"
)

// KeysUnavailable says that the keys cannot be fetched. It says nothing about the token.
type KeysUnavailable struct{ cause error }

func (err KeysUnavailable) Error() string { return "the keys cannot be fetched: " + err.cause.Error() }

// Keys holds the public keys of Signet, fetched when they are needed.
type Keys struct {
	url     string
	client  http.Client
	lock    sync.Mutex
	byID    map[string]*rsa.PublicKey
	fetched time.Time
	asked   time.Time
}

// NewKeys makes an empty set of keys.
func NewKeys(url string) *Keys {
	return &Keys{url: url, client: http.Client{Timeout: answerWithin}}
}

// Find returns the key with this id. It asks Signet when the keys are old or the id is unknown.
func (keys *Keys) Find(ctx context.Context, id string) (*rsa.PublicKey, error) {
	keys.lock.Lock()
	defer keys.lock.Unlock()
	key, known := keys.byID[id]
	isOld := time.Since(keys.fetched) > kept
	// Trap: anybody can make up key ids, so unknown ones must not make a request each.
	if (isOld || !known) && time.Since(keys.asked) > cooldown {
		keys.asked = time.Now()
		byID, err := keys.fetch(ctx)
		if err == nil {
			keys.byID, keys.fetched = byID, keys.asked
			key, known = byID[id]
		} else if !known {
			return nil, KeysUnavailable{err}
		}
	}
	switch {
	case known:
		return key, nil
	case keys.byID == nil:
		return nil, KeysUnavailable{errors.New("the last request failed")}
	default:
		return nil, errors.New("unknown key")
	}
}

func (keys *Keys) fetch(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, keys.url, nil)
	if err != nil {
		return nil, err
	}
	response, err := keys.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	var set struct {
		Keys []struct {
			KeyType string `json:"kty"`
			ID      string `json:"kid"`
			N       string `json:"n"`
			E       string `json:"e"`
		} `json:"keys"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, keySetBytes)).Decode(&set); err != nil {
		return nil, err
	}
	byID := make(map[string]*rsa.PublicKey)
	for _, key := range set.Keys {
		n, errN := base64.RawURLEncoding.DecodeString(key.N)
		e, errE := base64.RawURLEncoding.DecodeString(key.E)
		if key.KeyType != "RSA" || errN != nil || errE != nil {
			continue
		}
		exponent := int(new(big.Int).SetBytes(e).Int64())
		byID[key.ID] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: exponent}
	}
	return byID, nil
}

const (
	kept         = 5 * time.Minute
	cooldown     = 10 * time.Second
	answerWithin = 5 * time.Second
	keySetBytes  = 1 << 20
)
