"""SAML metadata of an identity provider, as Google exports it."""

GOOGLE = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/o/saml2?idpid=C03example" validUntil="2031-01-01T00:00:00.000Z">
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/o/saml2/idp?idpid=C03example"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/o/saml2/idp?idpid=C03example"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
"""


def file(content: str | bytes, name: str = "GoogleIDPMetadata.xml") -> dict:
    """A file as it is chosen in a form."""
    content = content.encode() if isinstance(content, str) else content
    return {"name": name, "mimeType": "text/xml", "buffer": content}
