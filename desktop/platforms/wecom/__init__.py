"""WeCom (企业微信): customer contact, groups, mass messages, over one self-built app's secret."""
