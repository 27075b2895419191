# docker run --rm -v "$PWD:/work:ro" fw-audit hosts/
FROM node:22-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
COPY scripts ./scripts
COPY rulesets ./rulesets
COPY grammars ./grammars
COPY src ./src
# The build runs samples of them, to keep their compiled code.
COPY fixtures ./fixtures
RUN npm ci --no-audit --no-fund

FROM node:22-slim
COPY --from=build /build/dist /app/dist
COPY --from=build /build/rulesets /app/rulesets
COPY --from=build /build/package.json /app/
USER node
WORKDIR /work
ENTRYPOINT ["node", "/app/dist/fw-audit.js"]
