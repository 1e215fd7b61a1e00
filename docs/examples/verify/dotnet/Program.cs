// A service that verifies access tokens of Signet with ASP.NET Core. Run it:
//
//   export ISSUER=http://127.0.0.1:8080 AUDIENCE=api ASPNETCORE_ENVIRONMENT=Development
//   dotnet run --urls http://127.0.0.1:8000
//
// The tests of Signet do not run this program.

using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

var builder = WebApplication.CreateBuilder(args);
var leeway = TimeSpan.FromSeconds(30);
var issuer = builder.Configuration["ISSUER"] ?? throw new InvalidOperationException("set ISSUER");
var audience = builder.Configuration["AUDIENCE"] ?? throw new InvalidOperationException("set AUDIENCE");

builder.Services.AddAuthorization();
builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
{
    // The keys are found by the metadata at /.well-known/openid-configuration.
    options.Authority = issuer;
    // Trap: metadata over http is refused unless this is off. Turn it off on a developer's machine only.
    options.RequireHttpsMetadata = !builder.Environment.IsDevelopment();
    // Trap: otherwise `sub` and `roles` are renamed to long URIs.
    options.MapInboundClaims = false;
    options.TokenValidationParameters = new TokenValidationParameters
    {
        ValidIssuer = issuer,
        ValidAudience = audience,
        ValidAlgorithms = ["RS256"],
        // Trap: without it every kind of token that Signet signs is accepted.
        ValidTypes = ["at+jwt"],
        // Trap: the default is five minutes, half of a token's life.
        ClockSkew = leeway,
        RoleClaimType = "roles",
    };
    options.Events = new JwtBearerEvents
    {
        // Trap: `iat` is not checked.
        OnTokenValidated = context =>
        {
            var claim = context.Principal?.FindFirst("iat")?.Value;
            if (!long.TryParse(claim, out var issued) || issued > (DateTimeOffset.UtcNow + leeway).ToUnixTimeSeconds())
                context.Fail("iat is missing or in the future");
            return Task.CompletedTask;
        },
    };
});

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.MapGet("/orders", (ClaimsPrincipal caller) => $"the orders of {caller.FindFirst("sub")?.Value}\n")
    .RequireAuthorization();
app.Run();
