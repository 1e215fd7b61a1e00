# A service that verifies access tokens of Signet with the gem jwt. Run it:
#
#   gem install jwt webrick
#   ISSUER=http://127.0.0.1:8080 AUDIENCE=api LISTEN=127.0.0.1:8000 ruby orders.rb

require 'json'
require 'jwt'
require 'net/http'
require 'webrick'

ISSUER = ENV.fetch('ISSUER')
AUDIENCE = ENV.fetch('AUDIENCE')
HOST, PORT = ENV.fetch('LISTEN', '127.0.0.1:8000').split(':')
LEEWAY_SECONDS = 30

# The public keys of Signet: fetched when needed, kept for five minutes.
class Keys
  KEPT_SECONDS = 300
  # Unknown key ids make at most one request in this time.
  COOLDOWN_SECONDS = 10

  def initialize(url)
    @url = URI(url)
    @lock = Mutex.new
    @fetched_at = -Float::INFINITY
  end

  # Trap: the gem sets `kid_not_found` for a key id that it does not know. Fetch again then, but not
  # for each such token: anybody can make up key ids.
  def call(options)
    @lock.synchronize do
      age = now - @fetched_at
      fetch if age > KEPT_SECONDS || (options[:kid_not_found] && age > COOLDOWN_SECONDS)
      @keys
    end
  end

  private

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def fetch
    response = Net::HTTP.start(@url.host, @url.port, use_ssl: @url.scheme == 'https',
                               open_timeout: 5, read_timeout: 5) { |http| http.get(@url.request_uri) }
    raise IOError, "the keys: status #{response.code}" unless response.is_a?(Net::HTTPOK)

    @keys = JSON.parse(response.body, symbolize_names: true)
    @fetched_at = now
  end
end

KEYS = Keys.new("#{ISSUER}/.well-known/jwks.json")

def claims_of(authorization)
  scheme, token = authorization.to_s.split(' ', 2)
  raise JWT::DecodeError, 'no bearer token' unless scheme&.downcase == 'bearer' && token

  claims, header = JWT.decode(
    token, nil, true,
    algorithms: ['RS256'], # Trap: without it the gem expects HS256.
    jwks: KEYS.method(:call).to_proc,
    # Trap: `iss` and `aud` are ignored unless they are verified explicitly.
    iss: ISSUER, verify_iss: true,
    aud: AUDIENCE, verify_aud: true,
    required_claims: %w[iss aud exp iat sub],
    exp_leeway: LEEWAY_SECONDS
  )
  # Trap: the gem does not look at `typ`, so every kind of token that Signet signs would pass.
  raise JWT::DecodeError, 'not an access token' unless header['typ'] == 'at+jwt'
  # Trap: its own check of `iat` allows no difference between clocks.
  raise JWT::DecodeError, 'issued in the future' if claims['iat'].to_i > Time.now.to_i + LEEWAY_SECONDS

  claims
end

server = WEBrick::HTTPServer.new(BindAddress: HOST, Port: PORT.to_i, AccessLog: [])
server.mount_proc '/' do |request, response|
  claims = claims_of(request['Authorization'])
  response.body = "the orders of #{claims['sub']}\n"
rescue JWT::DecodeError => e
  # Your log says why; the caller need not know.
  warn "refused: #{e.message.inspect}"
  response.status = 401
  response['WWW-Authenticate'] = 'Bearer error="invalid_token"'
rescue IOError, SystemCallError, Timeout::Error => e
  # The keys cannot be fetched; that says nothing about the token.
  warn "refused: #{e.message.inspect}"
  response.status = 503
  response['Retry-After'] = '5'
end
%w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
server.start
