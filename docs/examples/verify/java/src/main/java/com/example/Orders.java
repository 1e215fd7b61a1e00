// A service that verifies access tokens of Signet with Spring Security 6.5 or newer. Run it:
//
//   SERVER_PORT=8000 ISSUER=http://127.0.0.1:8080 AUDIENCE=api mvn spring-boot:run
//
// The tests of Signet do not run this program.

package com.example;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class Orders {
    private static final Duration LEEWAY = Duration.ofSeconds(30);

    public static void main(String[] arguments) {
        SpringApplication.run(Orders.class, arguments);
    }

    @GetMapping("/orders")
    String orders(@AuthenticationPrincipal Jwt token) {
        return "the orders of " + token.getSubject() + "\n";
    }

    @Bean
    JwtDecoder decoder(@Value("${ISSUER}") String issuer, @Value("${AUDIENCE}") String audience) {
        NimbusJwtDecoder decoder = NimbusJwtDecoder
            .withJwkSetUri(issuer + "/.well-known/jwks.json")
            .jwsAlgorithm(SignatureAlgorithm.RS256)
            // Trap: the default decoder accepts `typ: JWT` only, so it refuses every token of Signet.
            // This switches its check off; JwtTypeValidator below is the right one.
            .validateType(false)
            .build();
        // Trap: setJwtValidator replaces the default checks, so all of them are listed here. The
        // property `issuer-uri` alone would not check the audience.
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(List.of(
            new JwtTypeValidator(List.of("at+jwt")),
            // Trap: the default is a minute of leeway.
            new JwtTimestampValidator(LEEWAY),
            new JwtClaimValidator<Instant>(JwtClaimNames.EXP, Objects::nonNull),
            // Trap: JwtTimestampValidator does not look at `iat`.
            new JwtClaimValidator<Instant>(JwtClaimNames.IAT, it -> it != null && it.isBefore(Instant.now().plus(LEEWAY))),
            // Compared as text, letter by letter.
            new JwtClaimValidator<Object>(JwtClaimNames.ISS, it -> it != null && issuer.equals(it.toString())),
            new JwtClaimValidator<List<String>>(JwtClaimNames.AUD, it -> it != null && it.contains(audience)))));
        return decoder;
    }
}
