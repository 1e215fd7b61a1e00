// A service that verifies access tokens of Signet with Go's standard library alone. Run it:
//
//	ISSUER=http://127.0.0.1:8080 AUDIENCE=api LISTEN=127.0.0.1:8000 go run .
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	issuer, audience, listen := os.Getenv("ISSUER"), os.Getenv("AUDIENCE"), os.Getenv("LISTEN")
	if issuer == "" || audience == "" {
		log.Fatal("set ISSUER and AUDIENCE")
	}
	if listen == "" {
		listen = "127.0.0.1:8000"
	}
	verifier := NewVerifier(issuer, audience)
	http.HandleFunc("/orders", func(response http.ResponseWriter, request *http.Request) {
		claims, err := verifier.Verify(request.Context(), request.Header.Values("Authorization"))
		if err != nil {
			// Your log says why; the caller need not know.
			log.Printf("refused: %v", err)
		}
		switch err.(type) {
		case nil:
			fmt.Fprintf(response, "the orders of %s\n", claims.Subject)
		case KeysUnavailable:
			response.Header().Set("Retry-After", "5")
			response.WriteHeader(http.StatusServiceUnavailable)
		default:
			response.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			response.WriteHeader(http.StatusUnauthorized)
		}
	})
	log.Printf("listens on http://%s", listen)
	log.Fatal(http.ListenAndServe(listen, nil))
}
